package main

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

var errShort = errors.New("the stream ends within a message")

// exchanges reads both directions in step: what a response is depends on its request.
func (c *connection) exchanges() ([]exchange, error) {
	protocol := ""
	var read func(request, response []byte) (exchange, int, int, bool, error)
	switch {
	case len(c.client.data) == 0:
		return nil, nil
	case c.client.data[0] == '*':
		protocol, read = "redis", redisExchange
	case isHTTP(c.client.data):
		protocol, read = "http", httpExchange
	default:
		return nil, nil
	}
	var found []exchange
	start := 0
	if protocol == "http" && !c.server.syn {
		// The capture began in the middle, perhaps of an answer's body: the first head in view answers the first request in
		// view. (That holds for our cases, which do not pipeline there.)
		if start = bytes.Index(c.server.data, []byte("HTTP/1.")); start < 0 {
			return nil, nil
		}
	}
	for request, response, more := 0, start, true; more && request < len(c.client.data); {
		e, requestLength, responseLength, goesOn, err := read(c.client.data[request:], c.server.data[response:])
		if err == errShort { // the client went away with a request open
			break
		}
		if err != nil {
			return nil, fmt.Errorf("exchange %d: %w", len(found), err)
		}
		e.Protocol, e.Client, e.Server, e.Connection, e.Index = protocol, c.clientName(), c.serverName(), c.ordinal, len(found)
		e.Request = [2]int64{int64(request), int64(request + requestLength)}
		e.Response = [2]int64{int64(response), int64(response + responseLength)}
		found = append(found, e)
		request += requestLength
		response += responseLength
		more = goesOn
	}
	return found, nil
}

// --- HTTP/1.1 (RFC 9112)

func isHTTP(data []byte) bool {
	line, _, found := bytes.Cut(data, []byte("\r\n"))
	return found && (bytes.HasSuffix(line, []byte(" HTTP/1.1")) || bytes.HasSuffix(line, []byte(" HTTP/1.0")))
}

type head struct {
	first  []string
	fields map[string]string
	length int
}

func readHead(data []byte) (head, error) {
	end := bytes.Index(data, []byte("\r\n\r\n"))
	if end < 0 {
		return head{}, errShort
	}
	lines := strings.Split(string(data[:end]), "\r\n")
	h := head{first: strings.SplitN(lines[0], " ", 3), fields: map[string]string{}, length: end + 4}
	if len(h.first) < 2 {
		return h, fmt.Errorf("no start line: %q", lines[0])
	}
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ":")
		h.fields[strings.ToLower(name)] = strings.TrimSpace(value)
	}
	return h, nil
}

// bodyLength is -1 where the body ends with the connection.
func (h head) bodyLength(rest []byte, isRequest bool) (int, error) {
	if strings.EqualFold(h.fields["transfer-encoding"], "chunked") {
		return chunkedLength(rest)
	}
	if text, given := h.fields["content-length"]; given {
		length, err := strconv.Atoi(text)
		if err == nil && length > len(rest) {
			err = errShort
		}
		return length, err
	}
	if isRequest {
		return 0, nil
	}
	return -1, nil
}

func chunkedLength(data []byte) (int, error) {
	at := 0
	for {
		end := bytes.Index(data[at:], []byte("\r\n"))
		if end < 0 {
			return 0, errShort
		}
		text, _, _ := strings.Cut(string(data[at:at+end]), ";")
		size, err := strconv.ParseInt(text, 16, 32)
		if err != nil {
			return 0, err
		}
		at += end + 2
		if size == 0 {
			break
		}
		if at += int(size) + 2; at > len(data) {
			return 0, errShort
		}
	}
	for { // trailers, to the empty line
		end := bytes.Index(data[at:], []byte("\r\n"))
		if end < 0 {
			return 0, errShort
		}
		at += end + 2
		if end == 0 {
			return at, nil
		}
	}
}

func httpExchange(request, response []byte) (e exchange, requestLength, responseLength int, goesOn bool, err error) {
	asked, err := readHead(request)
	if err != nil {
		return
	}
	body, err := asked.bodyLength(request[asked.length:], true)
	if err != nil {
		return
	}
	requestLength = asked.length + body
	e.Method, e.Path = asked.first[0], asked.first[1]
	for {
		var answered head
		if answered, err = readHead(response[responseLength:]); err != nil {
			return
		}
		if !strings.HasPrefix(answered.first[0], "HTTP/1.") {
			return e, 0, 0, false, fmt.Errorf("no status line: %q", answered.first)
		}
		e.Status, e.Echo = answered.first[1], answered.fields["x-echo"]
		responseLength += answered.length
		if e.Status[0] == '1' && e.Status != "101" {
			continue // interim: belongs to the same exchange
		}
		switch {
		case e.Status == "101" || (e.Method == "CONNECT" && e.Status[0] == '2'):
			return // from here on it is another protocol
		case e.Method == "HEAD" || e.Status == "204" || e.Status == "304":
			body = 0
		default:
			if body, err = answered.bodyLength(response[responseLength:], false); err != nil {
				return
			}
		}
		if body < 0 {
			e.toClose = true
			body = len(response) - responseLength
		}
		responseLength += body
		return e, requestLength, responseLength, !e.toClose, nil
	}
}

// --- Redis (RESP2, RESP3)

const depthMax = 16

// redisValue gives the length of one value, and its first texts flat.
func redisValue(data []byte, texts *[]string, depth int) (int, error) {
	if depth > depthMax {
		return 0, errors.New("nested too deep")
	}
	end := bytes.Index(data, []byte("\r\n"))
	if end < 1 {
		return 0, errShort
	}
	line, at := string(data[1:end]), end+2
	switch data[0] {
	case '+', '-', ':', ',', '#', '(', '_':
		*texts = append(*texts, line)
		return at, nil
	case '$', '=', '!':
		size, err := strconv.Atoi(line)
		if err != nil || size < 0 {
			return at, err
		}
		if at+size+2 > len(data) {
			return 0, errShort
		}
		*texts = append(*texts, string(data[at:at+size]))
		return at + size + 2, nil
	case '*', '~', '>', '%', '|':
		count, err := strconv.Atoi(line)
		if data[0] == '%' || data[0] == '|' {
			count *= 2
		}
		if data[0] == '|' {
			count++ // the value that the attributes are about
		}
		for ; err == nil && count > 0; count-- {
			var length int
			length, err = redisValue(data[at:], texts, depth+1)
			at += length
		}
		return at, err
	}
	return 0, fmt.Errorf("no Redis type %q", data[0])
}

func redisExchange(request, response []byte) (e exchange, requestLength, responseLength int, goesOn bool, err error) {
	var command []string
	if requestLength, err = redisValue(request, &command, 0); err != nil {
		return
	}
	e.Method = strings.ToUpper(command[0])
	if len(command) > 1 {
		e.Path = command[1]
	}
	answers := 1
	subscribes := strings.HasSuffix(e.Method, "SUBSCRIBE")
	if subscribes && len(command) > 1 { // one answer for each channel
		answers = len(command) - 1
	}
	for answers > 0 {
		var texts []string
		isPush := responseLength < len(response) && response[responseLength] == '>'
		var length int
		if length, err = redisValue(response[responseLength:], &texts, 0); err != nil {
			return
		}
		responseLength += length
		if isPush && !subscribes {
			continue
		}
		answers--
		if len(texts) > 0 {
			e.Echo = texts[0]
		}
		e.Status = string(response[responseLength-length])
	}
	return e, requestLength, responseLength, true, nil
}
