package main

import (
	"fmt"
	"net"
	"sort"
	"strconv"

	"github.com/google/gopacket/layers"
)

type tuple struct {
	from, to         string
	fromPort, toPort uint16
}

func tupleOf(from, to string, segment *layers.TCP) tuple {
	return tuple{from, to, uint16(segment.SrcPort), uint16(segment.DstPort)}
}

func (t tuple) reversed() tuple { return tuple{t.to, t.from, t.toPort, t.fromPort} }

// connection: key runs from client to server.
type connection struct {
	key            tuple
	ordinal        int
	client, server *stream
}

func (c *connection) name() string {
	return fmt.Sprintf("%s → %s #%d", c.clientName(), c.serverName(), c.ordinal)
}
func (c *connection) clientName() string {
	return net.JoinHostPort(c.key.from, strconv.Itoa(int(c.key.fromPort)))
}
func (c *connection) serverName() string {
	return net.JoinHostPort(c.key.to, strconv.Itoa(int(c.key.toPort)))
}

// startedBy tells a repeated SYN from that of a new connection.
func (c *connection) startedBy(sequence uint32) bool {
	return c.client.based && c.client.syn && c.client.base == sequence+1
}

type piece struct {
	from, to int64
	packet   int
}

// stream is one direction: all its bytes, and which packet brought which.
type stream struct {
	based, syn bool
	base       uint32 // sequence number of data[0]
	data       []byte
	pieces     []piece
	fin        int // index of the packet with FIN, or -1
	sorted     bool
}

func newStream() *stream { return &stream{fin: -1} }

func (s *stream) add(segment *layers.TCP, packet int) error {
	sequence := segment.Seq
	if segment.SYN {
		sequence++
	}
	if !s.based {
		s.based, s.syn, s.base = true, segment.SYN, sequence
	}
	payload := segment.Payload
	next := int64(len(s.data))
	offset := next + int64(int32(sequence-uint32(int64(s.base)+next)))
	if segment.FIN && s.fin < 0 {
		s.fin = packet
	}
	if len(payload) == 0 || (offset < 0 && len(payload) == 1) { // a keep-alive probe carries one old byte
		return nil
	}
	if offset < 0 {
		return fmt.Errorf("data before the start of the stream (%d)", offset)
	}
	if offset > next {
		return fmt.Errorf("a hole of %d bytes: the capture is not complete", offset-next)
	}
	if end := offset + int64(len(payload)); end > next {
		s.data = append(s.data, payload[next-offset:]...)
	}
	s.pieces = append(s.pieces, piece{offset, offset + int64(len(payload)), packet})
	return nil
}

func (s *stream) sort() {
	if !s.sorted {
		sort.SliceStable(s.pieces, func(i, j int) bool { return s.pieces[i].from < s.pieces[j].from })
		s.sorted = true
	}
}

// carriers lists the packets that hold bytes of the range, repeated ones too.
func (s *stream) carriers(of [2]int64) []int {
	s.sort()
	packets := []int{}
	// Pieces overlap only where something was sent again, so going back a little is enough.
	first := sort.Search(len(s.pieces), func(i int) bool { return s.pieces[i].from >= of[0] })
	for first > 0 && s.pieces[first-1].to > of[0] {
		first--
	}
	for i := first; i < len(s.pieces) && s.pieces[i].from < of[1]; i++ {
		if s.pieces[i].to > of[0] {
			packets = append(packets, s.pieces[i].packet)
		}
	}
	return packets
}

// gaps are the byte ranges that no surviving packet covers, in order.
type gaps []piece

func (s *stream) gaps(dropped map[int]bool) gaps {
	s.sort()
	var found gaps
	var covered int64
	for _, p := range s.pieces {
		if dropped[p.packet] {
			continue
		}
		if p.from > covered {
			found = append(found, piece{covered, p.from, -1})
		}
		if p.to > covered {
			covered = p.to
		}
	}
	if end := int64(len(s.data)); covered < end {
		found = append(found, piece{covered, end, -1})
	}
	return found
}

func (g gaps) touch(of [2]int64) bool {
	first := sort.Search(len(g), func(i int) bool { return g[i].to > of[0] })
	return first < len(g) && g[first].from < of[1]
}
