//go:build !plain

package main

import (
	"net/http"
	"strconv"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/tcpassembly"
)

func assemblerOf(factory *factory) (func(gopacket.Flow, *layers.TCP, gopacket.CaptureInfo), func(time.Time), func()) {
	assembler := tcpassembly.NewAssembler(tcpassembly.NewStreamPool(factory))
	assembler.MaxBufferedPagesPerConnection = pagesOfAConn
	return func(network gopacket.Flow, tcp *layers.TCP, info gopacket.CaptureInfo) {
			assembler.AssembleWithTimestamp(network, tcp, info.Timestamp)
		},
		func(before time.Time) { assembler.FlushOlderThan(before) },
		func() { assembler.FlushAll() }
}

// New joins the two one-way streams of tcpassembly to a connection.
func (f *factory) New(network, transport gopacket.Flow) tcpassembly.Stream {
	reverse := flow{network.Reverse(), transport.Reverse()}
	if c, found := f.half[reverse]; found {
		delete(f.half, reverse)
		return &stream{connection: c, side: 1}
	}
	c := &connection{flow: flow{network, transport}, chunks: make(chan chunk, chunksQueued), out: f.out, open: 2, factory: f}
	f.half[c.flow] = c
	f.all.Store(c, true)
	f.group.Add(1)
	go c.run(&f.group)
	return &stream{connection: c}
}

// stream is one direction, on the assembler's side: it copies the bytes once and hands them over.
type stream struct {
	connection *connection
	side       int
}

func (s *stream) Reassembled(pieces []tcpassembly.Reassembly) {
	for _, piece := range pieces {
		if len(piece.Bytes) > 0 {
			bytes := append(buffers.Get().([]byte)[:0], piece.Bytes...)
			s.connection.chunks <- chunk{s.side, bytes, piece.Seen}
		}
	}
}

func (s *stream) ReassemblyComplete() {
	c := s.connection
	if c.open--; c.open == 0 {
		c.close()
	}
}

func (c *connection) describe(to []byte, request *http.Request, response *http.Response, client int, start time.Time, elapsed time.Duration, requestBytes, responseBytes int64) []byte {
	network, transport := c.flow.network, c.flow.transport
	if client == 1 {
		network, transport = network.Reverse(), transport.Reverse()
	}
	to = append(to, `{"protocol":{"name":"http"},"src":{"ip":"`...)
	to = append(to, network.Src().String()...)
	to = append(to, `","port":`...)
	to = append(to, transport.Src().String()...)
	to = append(to, `},"dst":{"ip":"`...)
	to = append(to, network.Dst().String()...)
	to = append(to, `","port":`...)
	to = append(to, transport.Dst().String()...)
	to = append(to, `},"startTime":"`...)
	to = strconv.AppendInt(to, start.UnixNano(), 10)
	to = append(to, `","elapsedTime":`...)
	to = strconv.AppendInt(to, elapsed.Microseconds(), 10)
	to = append(to, `,"requestSize":`...)
	to = strconv.AppendInt(to, requestBytes, 10)
	to = append(to, `,"responseSize":`...)
	to = strconv.AppendInt(to, responseBytes, 10)
	to = append(to, `,"request":{"method":`...)
	to = appendString(to, request.Method)
	to = append(to, `,"url":`...)
	to = appendString(to, request.RequestURI)
	to = append(to, `,"httpVersion":`...)
	to = appendString(to, request.Proto)
	to = append(to, `,"host":`...)
	to = appendString(to, request.Host)
	to = appendHeaders(to, request.Header)
	to = append(to, `},"response":{"status_code":`...)
	to = strconv.AppendInt(to, int64(response.StatusCode), 10)
	to = append(to, `,"status":`...)
	to = appendString(to, response.Status)
	to = append(to, `,"httpVersion":`...)
	to = appendString(to, response.Proto)
	to = appendHeaders(to, response.Header)
	return append(to, "}}\n"...)
}

func appendHeaders(to []byte, headers http.Header) []byte {
	to = append(to, `,"headers":{`...)
	separator := false
	for name, values := range headers {
		for _, value := range values[:1] {
			if separator {
				to = append(to, ',')
			}
			separator = true
			to = appendString(to, name)
			to = append(to, ':')
			to = appendString(to, value)
		}
	}
	return append(to, '}')
}

func appendString(to []byte, text string) []byte {
	to = append(to, '"')
	for i := 0; i < len(text); i++ {
		switch b := text[i]; {
		case b == '"' || b == '\\':
			to = append(to, '\\', b)
		case b < 0x20 || b >= 0x7f: // header bytes above ASCII are Latin-1 by RFC 9110
			to = append(to, `\u00`...)
			to = append(to, "0123456789abcdef"[b>>4], "0123456789abcdef"[b&15])
		default:
			to = append(to, b)
		}
	}
	return append(to, '"')
}
