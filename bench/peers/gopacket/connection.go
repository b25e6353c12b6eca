package main

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/google/gopacket"
)

type flow struct{ network, transport gopacket.Flow }

// factory makes connections.
type factory struct {
	half  map[flow]*connection // connections whose other direction has not shown yet
	out   *output
	group sync.WaitGroup
	all   sync.Map
}

// end lets the connections finish that never showed their other direction.
func (f *factory) end() {
	f.all.Range(func(c, _ any) bool {
		c.(*connection).close()
		return true
	})
	f.group.Wait()
}

type chunk struct {
	side  int
	bytes []byte
	seen  time.Time
}

var buffers = sync.Pool{New: func() any { return make([]byte, 0, 4096) }}

// connection is served by one goroutine, which takes the chunks of both sides in the order of the capture.
type connection struct {
	flow    flow
	chunks  chan chunk
	out     *output
	factory *factory
	open    int // directions, on the assembler's side
	closed  bool
	sides   [2]side
}

func (c *connection) close() {
	if !c.closed {
		c.closed = true
		close(c.chunks)
		c.factory.all.Delete(c)
	}
}

// side is an io.Reader over the chunks of one direction; those of the other are put aside meanwhile.
type side struct {
	connection *connection
	number     int
	waiting    []chunk
	current    []byte // what is left of the chunk in use
	whole      []byte
	seen       time.Time
	taken      int64
	buffer     *bufio.Reader
}

func (s *side) Read(into []byte) (int, error) {
	for len(s.current) == 0 {
		if s.whole != nil {
			buffers.Put(s.whole)
			s.whole = nil
		}
		if len(s.waiting) == 0 && !s.connection.await(s.number) {
			return 0, io.EOF
		}
		next := s.waiting[0]
		s.waiting = s.waiting[1:]
		s.current, s.whole, s.seen = next.bytes, next.bytes, next.seen
	}
	n := copy(into, s.current)
	s.current = s.current[n:]
	s.taken += int64(n)
	return n, nil
}

func (s *side) position() int64 { return s.taken - int64(s.buffer.Buffered()) }

// await takes chunks until one of the wanted side is there.
func (c *connection) await(number int) bool {
	for next := range c.chunks {
		other := &c.sides[next.side]
		other.waiting = append(other.waiting, next)
		if next.side == number {
			return true
		}
	}
	return false
}

// skipAnswersBefore drops what a server said before the first request in view: the capture began in the middle.
func (c *connection) skipAnswersBefore(client int) {
	asked := c.sides[client].waiting[0].seen
	server := &c.sides[1-client]
	for len(server.waiting) > 0 && server.waiting[0].seen.Before(asked) {
		server.waiting = server.waiting[1:]
	}
}

var responseStart = []byte("HTTP/")

func (c *connection) run(group *sync.WaitGroup) {
	defer group.Done()
	defer func() {
		for next := range c.chunks { // the assembler must never wait for a connection that gave up
			buffers.Put(next.bytes)
		}
	}()
	first, more := <-c.chunks
	if !more {
		return
	}
	client := first.side
	c.sides[first.side].waiting = append(c.sides[first.side].waiting, first)
	if bytes.HasPrefix(first.bytes, responseStart) {
		client = 1 - client
		if !c.await(client) {
			return
		}
		c.skipAnswersBefore(client)
	}
	for i := range c.sides {
		c.sides[i].connection, c.sides[i].number = c, i
		c.sides[i].buffer = bufio.NewReaderSize(&c.sides[i], 4096)
	}
	requests, responses := &c.sides[client], &c.sides[1-client]
	line := make([]byte, 0, 2048)
	for c.exchange(requests, responses, client, &line) {
	}
}

func (c *connection) exchange(requests, responses *side, client int, line *[]byte) bool {
	if _, err := requests.buffer.Peek(1); err != nil {
		return false
	}
	start, requestAt := requests.seen, requests.position()
	request, err := http.ReadRequest(requests.buffer)
	if err != nil {
		return resynchronise(requests)
	}
	io.Copy(io.Discard, request.Body)
	request.Body.Close()
	requestBytes := requests.position() - requestAt

	responseAt := responses.position()
	var response *http.Response
	for {
		response, err = http.ReadResponse(responses.buffer, request)
		if err != nil {
			return resynchronise(responses)
		}
		if response.StatusCode/100 != 1 || response.StatusCode == http.StatusSwitchingProtocols {
			break
		}
	}
	tunnel := response.StatusCode == http.StatusSwitchingProtocols || (request.Method == http.MethodConnect && response.StatusCode/100 == 2)
	if !tunnel {
		io.Copy(io.Discard, response.Body)
		response.Body.Close()
	}
	*line = c.describe((*line)[:0], request, response, client, start, responses.seen.Sub(start), requestBytes, responses.position()-responseAt)
	c.out.write(*line)
	return !tunnel
}

// resynchronise throws away what is buffered after something unreadable and goes on with the next chunk.
func resynchronise(s *side) bool {
	s.buffer.Discard(s.buffer.Buffered())
	s.current = nil
	_, err := s.buffer.Peek(1)
	return err == nil
}
