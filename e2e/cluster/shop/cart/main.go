// The shop's cart: GET /cart/USER and POST /cart/USER {"item": N}, kept in Redis. GET /ready says whether Redis answers.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

const (
	bodyBytesMax    = 1 << 16
	idleConnections = 8
	redisTimeout    = 3 * time.Second
)

type connection struct {
	net.Conn
	reader *bufio.Reader
}

var pod, _ = os.Hostname()

// Connections that nobody uses now.
var idle = make(chan *connection, idleConnections)

func redisAddress() string {
	if address := os.Getenv("REDIS"); address != "" {
		return address
	}
	return "redis.shop.svc.cluster.local:6379"
}

// redis sends one command and reads its reply: a string, an int64 or a list of strings.
func redis(arguments ...string) (any, error) {
	var c *connection
	select {
	case c = <-idle:
	default:
		opened, err := net.DialTimeout("tcp", redisAddress(), redisTimeout)
		if err != nil {
			return nil, err
		}
		c = &connection{opened, bufio.NewReader(opened)}
	}
	c.SetDeadline(time.Now().Add(redisTimeout))
	fmt.Fprintf(c, "*%d\r\n", len(arguments))
	for _, argument := range arguments {
		fmt.Fprintf(c, "$%d\r\n%s\r\n", len(argument), argument)
	}
	value, err := reply(c.reader)
	if err != nil {
		c.Close()
		return nil, err
	}
	select {
	case idle <- c:
	default:
		c.Close()
	}
	return value, nil
}

func reply(reader *bufio.Reader) (any, error) {
	line, err := reader.ReadString('\n')
	if err != nil {
		return nil, err
	}
	line = strings.TrimRight(line, "\r\n")
	if line == "" {
		return nil, errors.New("empty reply")
	}
	switch line[0] {
	case '+':
		return line[1:], nil
	case ':':
		return strconv.ParseInt(line[1:], 10, 64)
	case '$':
		length, err := strconv.Atoi(line[1:])
		if err != nil || length < 0 || length > bodyBytesMax {
			return "", err
		}
		text := make([]byte, length+2)
		_, err = io.ReadFull(reader, text)
		return string(text[:length]), err
	case '*':
		count, err := strconv.Atoi(line[1:])
		list := []string{}
		for ; err == nil && count > 0; count-- {
			var element any
			element, err = reply(reader)
			list = append(list, fmt.Sprint(element))
		}
		return list, err
	}
	return nil, errors.New(line)
}

func answer(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Pod", pod)
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(value)
}

func cart(w http.ResponseWriter, r *http.Request) {
	key := "cart:" + strings.TrimPrefix(r.URL.Path, "/cart/")
	switch r.Method {
	case http.MethodGet:
		fields, err := redis("HGETALL", key)
		if err != nil {
			answer(w, http.StatusServiceUnavailable, err.Error())
			return
		}
		list, items := fields.([]string), map[string]string{}
		for i := 0; i+1 < len(list); i += 2 {
			items[list[i]] = list[i+1]
		}
		answer(w, http.StatusOK, items)
	case http.MethodPost:
		var order struct{ Item int }
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, bodyBytesMax)).Decode(&order); err != nil {
			answer(w, http.StatusBadRequest, err.Error())
			return
		}
		number, err := redis("HINCRBY", key, strconv.Itoa(order.Item), "1")
		if err != nil {
			answer(w, http.StatusServiceUnavailable, err.Error())
			return
		}
		answer(w, http.StatusCreated, map[string]any{"item": order.Item, "number": number})
	default:
		answer(w, http.StatusMethodNotAllowed, "GET or POST")
	}
}

func main() {
	http.HandleFunc("/cart/", cart)
	http.HandleFunc("/ready", func(w http.ResponseWriter, r *http.Request) {
		if _, err := redis("PING"); err != nil {
			answer(w, http.StatusServiceUnavailable, err.Error())
			return
		}
		answer(w, http.StatusOK, "ready")
	})
	log.Fatal(http.ListenAndServe(":8080", nil))
}
