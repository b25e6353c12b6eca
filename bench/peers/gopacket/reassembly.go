//go:build plain

package main

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/reassembly"
)

func assemblerOf(factory *factory) (func(gopacket.Flow, *layers.TCP, gopacket.CaptureInfo), func(time.Time), func()) {
	assembler := reassembly.NewAssembler(reassembly.NewStreamPool(factory))
	assembler.MaxBufferedPagesPerConnection = pagesOfAConn
	var seen context
	return func(network gopacket.Flow, tcp *layers.TCP, info gopacket.CaptureInfo) {
			seen.info = info
			assembler.AssembleWithContext(network, tcp, &seen)
		},
		func(before time.Time) { assembler.FlushCloseOlderThan(before) },
		func() { assembler.FlushAll() }
}

// New makes a connection: package reassembly has joined its two directions.
func (f *factory) New(network, transport gopacket.Flow, _ *layers.TCP, _ reassembly.AssemblerContext) reassembly.Stream {
	c := &connection{flow: flow{network, transport}, chunks: make(chan chunk, chunksQueued), out: f.out, open: 1, factory: f}
	f.all.Store(c, true)
	f.group.Add(1)
	go c.run(&f.group)
	return &bothWays{connection: c, state: reassembly.NewTCPSimpleFSM(reassembly.TCPSimpleFSMOptions{SupportMissingEstablishment: true})}
}

type bothWays struct {
	connection *connection
	state      *reassembly.TCPSimpleFSM
}

func (s *bothWays) Accept(tcp *layers.TCP, _ gopacket.CaptureInfo, direction reassembly.TCPFlowDirection, _ reassembly.Sequence, start *bool, _ reassembly.AssemblerContext) bool {
	*start = true
	return s.state.CheckState(tcp, direction)
}

func (s *bothWays) ReassembledSG(pieces reassembly.ScatterGather, context reassembly.AssemblerContext) {
	direction, _, _, _ := pieces.Info()
	length, _ := pieces.Lengths()
	if length == 0 {
		return
	}
	side := 0
	if direction == reassembly.TCPDirServerToClient {
		side = 1
	}
	bytes := append(buffers.Get().([]byte)[:0], pieces.Fetch(length)...)
	s.connection.chunks <- chunk{side, bytes, context.GetCaptureInfo().Timestamp}
}

func (s *bothWays) ReassemblyComplete(reassembly.AssemblerContext) bool {
	s.connection.close()
	return true
}

type context struct{ info gopacket.CaptureInfo }

func (c *context) GetCaptureInfo() gopacket.CaptureInfo { return c.info }

type endpoint struct {
	IP   string `json:"ip"`
	Port string `json:"port"`
}

type entry struct {
	Protocol struct {
		Name string `json:"name"`
	} `json:"protocol"`
	Source       endpoint `json:"src"`
	Destination  endpoint `json:"dst"`
	StartTime    int64    `json:"startTime,string"`
	ElapsedTime  int64    `json:"elapsedTime"`
	RequestSize  int64    `json:"requestSize"`
	ResponseSize int64    `json:"responseSize"`
	Request      struct {
		Method      string      `json:"method"`
		URL         string      `json:"url"`
		HTTPVersion string      `json:"httpVersion"`
		Host        string      `json:"host"`
		Headers     http.Header `json:"headers"`
	} `json:"request"`
	Response struct {
		StatusCode  int         `json:"status_code"`
		Status      string      `json:"status"`
		HTTPVersion string      `json:"httpVersion"`
		Headers     http.Header `json:"headers"`
	} `json:"response"`
}

func (c *connection) describe(_ []byte, request *http.Request, response *http.Response, client int, start time.Time, elapsed time.Duration, requestBytes, responseBytes int64) []byte {
	network, transport := c.flow.network, c.flow.transport
	if client == 1 {
		network, transport = network.Reverse(), transport.Reverse()
	}
	var e entry
	e.Protocol.Name = "http"
	e.Source = endpoint{network.Src().String(), transport.Src().String()}
	e.Destination = endpoint{network.Dst().String(), transport.Dst().String()}
	e.StartTime, e.ElapsedTime = start.UnixNano(), elapsed.Microseconds()
	e.RequestSize, e.ResponseSize = requestBytes, responseBytes
	e.Request.Method, e.Request.URL, e.Request.HTTPVersion = request.Method, request.RequestURI, request.Proto
	e.Request.Host, e.Request.Headers = request.Host, request.Header
	e.Response.StatusCode, e.Response.Status, e.Response.HTTPVersion = response.StatusCode, response.Status, response.Proto
	e.Response.Headers = response.Header
	line, err := json.Marshal(&e)
	if err != nil {
		panic(err) // strings and numbers only
	}
	return append(line, '\n')
}
