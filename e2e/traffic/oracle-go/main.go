// Command oracle says what a capture contains, and what of it survives a loss: from the undamaged capture it computes each
// HTTP/1.1 or Redis exchange's byte ranges in both directions and the packets that carry them; with the list of dropped
// packets (mutate --dropped) it then says which exchanges had all their own packets present.
//
// It shares no code with the product, and of gopacket only the decoding of single packets. It holds all streams in memory
// and expects what our captures are: complete (no packet lost or cut). It refuses anything else rather than guess.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"
)

// exchange is one line of the truth. Ranges are byte offsets in the direction's stream, end exclusive.
type exchange struct {
	Protocol         string   `json:"protocol"`
	Client           string   `json:"client"`
	Server           string   `json:"server"`
	Connection       int      `json:"connection"` // ordinal of this four-tuple, from 0
	Index            int      `json:"index"`      // within the connection
	Method           string   `json:"method"`
	Path             string   `json:"path"`
	Status           string   `json:"status"`
	Echo             string   `json:"echo,omitempty"`
	Request          [2]int64 `json:"request"`
	Response         [2]int64 `json:"response"`
	RequestPackets   []int    `json:"requestPackets"`
	ResponsePackets  []int    `json:"responsePackets"`
	RequestComplete  bool     `json:"requestComplete"`
	ResponseComplete bool     `json:"responseComplete"`
	Complete         bool     `json:"complete"`
	// Ambiguous: pipelined behind an exchange that lost packets, while that was still open. Acknowledgements do not tell the
	// answers of one batch apart, so leaving it unpaired is right too; pairing it wrongly is not.
	Ambiguous bool `json:"ambiguous"`
	toClose   bool // the body ends with the connection, so the FIN is one of its packets
}

func main() {
	droppedName := flag.String("dropped", "", "file with the indexes of the dropped packets, one a line")
	outName := flag.String("o", "", "where the truth goes (default: standard output)")
	args := os.Args[1:]
	var inName string
	if len(args) > 0 && args[0][0] != '-' { // the capture may come first
		inName, args = args[0], args[1:]
	}
	if err := flag.CommandLine.Parse(args); err != nil {
		fail(err)
	}
	if inName == "" {
		inName = flag.Arg(0)
	}
	dropped := readDropped(*droppedName)
	connections, packets, err := readCapture(inName)
	if err != nil {
		fail(fmt.Errorf("%s: %w", inName, err))
	}
	out := os.Stdout
	if *outName != "" {
		if out, err = os.Create(*outName); err != nil {
			fail(err)
		}
	}
	buffered := bufio.NewWriterSize(out, 1<<20)
	encoder := json.NewEncoder(buffered)
	encoder.SetEscapeHTML(false)
	var total, complete, ambiguous, requestOnly, responseOnly int
	for _, connection := range connections {
		found, err := connection.exchanges()
		if err != nil {
			fail(fmt.Errorf("%s: %w", connection.name(), err))
		}
		clientGaps, serverGaps := connection.client.gaps(dropped), connection.server.gaps(dropped)
		for i := range found {
			e := &found[i]
			e.RequestPackets = connection.client.carriers(e.Request)
			e.ResponsePackets = connection.server.carriers(e.Response)
			e.RequestComplete = !clientGaps.touch(e.Request)
			e.ResponseComplete = !serverGaps.touch(e.Response)
			if e.toClose && connection.server.fin >= 0 && dropped[connection.server.fin] {
				e.ResponseComplete = false
			}
			e.Complete = e.RequestComplete && e.ResponseComplete
			if i > 0 && overlap(&found[i-1], e) {
				e.Ambiguous = found[i-1].Ambiguous || !found[i-1].Complete
			}
			total++
			switch {
			case e.Complete && e.Ambiguous:
				ambiguous++
			case e.Complete:
				complete++
			case e.RequestComplete:
				requestOnly++
			case e.ResponseComplete:
				responseOnly++
			}
			if err := encoder.Encode(e); err != nil {
				fail(err)
			}
		}
	}
	if err := buffered.Flush(); err != nil {
		fail(err)
	}
	fmt.Fprintf(os.Stderr, `{"packets":%d,"dropped":%d,"connections":%d,"exchanges":%d,"complete":%d,"ambiguous":%d,"requestOnly":%d,"responseOnly":%d}`+"\n",
		packets, len(dropped), len(connections), total, complete, ambiguous, requestOnly, responseOnly)
}

// overlap: the second was asked before the first was answered.
func overlap(first, second *exchange) bool {
	if len(first.ResponsePackets) == 0 || len(second.RequestPackets) == 0 {
		return false
	}
	return second.RequestPackets[0] < first.ResponsePackets[len(first.ResponsePackets)-1]
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "oracle:", err)
	os.Exit(1)
}

func readDropped(name string) map[int]bool {
	dropped := map[int]bool{}
	if name == "" {
		return dropped
	}
	file, err := os.Open(name)
	if err != nil {
		fail(err)
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		index, err := strconv.Atoi(lines.Text())
		if err != nil {
			fail(err)
		}
		dropped[index] = true
	}
	return dropped
}

// readCapture gives the connections in the order of their first packets.
func readCapture(name string) ([]*connection, int, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, 0, err
	}
	defer file.Close()
	reader, err := pcapgo.NewReader(bufio.NewReaderSize(file, 1<<20))
	if err != nil {
		return nil, 0, err
	}
	var all []*connection
	open := map[tuple]*connection{}
	for index := 0; ; index++ {
		data, info, err := reader.ReadPacketData()
		if err == io.EOF {
			return all, index, nil
		}
		if err != nil {
			return nil, 0, err
		}
		if info.CaptureLength < info.Length {
			return nil, 0, fmt.Errorf("packet %d is cut: the oracle needs whole packets", index)
		}
		packet := gopacket.NewPacket(data, reader.LinkType(), gopacket.DecodeOptions{NoCopy: true})
		from, to, segment := innermost(packet)
		if segment == nil {
			continue
		}
		key := tupleOf(from, to, segment)
		known := open[key]
		if known == nil {
			known = open[key.reversed()]
		}
		starts := segment.SYN && !segment.ACK
		if known == nil || (starts && !known.startedBy(segment.Seq)) {
			ordinal := 0
			if known != nil {
				ordinal = known.ordinal + 1
			}
			// Without a handshake the lower port is taken for the server's.
			if (segment.SYN && segment.ACK) || (!starts && segment.SrcPort < segment.DstPort) {
				key = key.reversed()
			}
			delete(open, key.reversed())
			known = &connection{key: key, ordinal: ordinal, client: newStream(), server: newStream()}
			open[key] = known
			all = append(all, known)
		}
		side := known.client
		if key != known.key || from != known.key.from || uint16(segment.SrcPort) != known.key.fromPort {
			side = known.server
		}
		if err := side.add(segment, index); err != nil {
			return nil, 0, fmt.Errorf("packet %d of %s: %w", index, known.name(), err)
		}
	}
}

// innermost finds the last TCP header, below all tunnels, and the addresses of the IP header above it.
func innermost(packet gopacket.Packet) (from, to string, segment *layers.TCP) {
	var source, target string
	for _, layer := range packet.Layers() {
		switch header := layer.(type) {
		case *layers.IPv4:
			source, target = header.SrcIP.String(), header.DstIP.String()
		case *layers.IPv6:
			source, target = header.SrcIP.String(), header.DstIP.String()
		case *layers.TCP:
			from, to, segment = source, target, header
		}
	}
	return
}
