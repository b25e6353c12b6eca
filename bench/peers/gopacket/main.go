// Command gopacket is the peer that we measure ourselves against: an HTTP/1.1 dissector as one writes it in Go on gopacket.
// pcapgo reads, DecodingLayerParser decodes without allocating, tcpassembly orders, net/http parses, requests and responses
// are paired by order, one JSON line an exchange (no bodies) goes to a buffered file.
//
// It is meant to be a good one: packets are not copied before assembly, stream bytes are copied once into pooled buffers,
// one goroutine serves a connection (both directions, so nothing waits on another parser), JSON is appended by hand.
//
// That is how it is built without tags (tcpassembly.go). With the tag "plain" it is what one writes first: package reassembly instead of
// tcpassembly, encoding/json instead of appending by hand (reassembly.go); everything else is the same. The two packages cannot be in
// one program: both define the same flags.
//
//	gopacket FILE.pcap OUT.jsonl     (GOMAXPROCS=1 for one core)
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"
)

const (
	chunksQueued = 256         // of one connection, before the reader of the file waits
	flushEvery   = time.Second // of capture time
	holeWait     = 2 * time.Second
	pagesOfAConn = 4000
	readBuffer   = 1 << 20
	outBuffer    = 1 << 20
)

// output collects finished lines; connections run side by side.
type output struct {
	mutex sync.Mutex
	file  *bufio.Writer
	lines int
}

func (o *output) write(line []byte) {
	o.mutex.Lock()
	o.file.Write(line)
	o.lines++
	o.mutex.Unlock()
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "gopacket FILE.pcap OUT.jsonl")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "gopacket:", err)
		os.Exit(1)
	}
}

func run(inName, outName string) error {
	in, err := os.Open(inName)
	if err != nil {
		return err
	}
	defer in.Close()
	reader, err := pcapgo.NewReader(bufio.NewReaderSize(in, readBuffer))
	if err != nil {
		return err
	}
	outFile, err := os.Create(outName)
	if err != nil {
		return err
	}
	out := &output{file: bufio.NewWriterSize(outFile, outBuffer)}
	factory := &factory{half: map[flow]*connection{}, out: out}
	assemble, flush, flushAll := assemblerOf(factory)

	var ethernet layers.Ethernet
	var tag layers.Dot1Q
	var ip4 layers.IPv4
	var ip6 layers.IPv6
	var tcp layers.TCP
	parser := gopacket.NewDecodingLayerParser(layers.LayerTypeEthernet, &ethernet, &tag, &ip4, &ip6, &tcp)
	parser.IgnoreUnsupported = true
	decoded := make([]gopacket.LayerType, 0, 8)
	var lastFlush time.Time
	for {
		data, info, err := reader.ZeroCopyReadPacketData()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if err := parser.DecodeLayers(data, &decoded); err != nil {
			continue
		}
		var network gopacket.Flow
		for _, layer := range decoded {
			switch layer {
			case layers.LayerTypeIPv4:
				network = ip4.NetworkFlow()
			case layers.LayerTypeIPv6:
				network = ip6.NetworkFlow()
			case layers.LayerTypeTCP:
				assemble(network, &tcp, info)
			}
		}
		if info.Timestamp.Sub(lastFlush) > flushEvery {
			if !lastFlush.IsZero() {
				flush(info.Timestamp.Add(-holeWait))
			}
			lastFlush = info.Timestamp
		}
	}
	flushAll()
	factory.end()
	if err := out.file.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, `{"exchanges":%d}`+"\n", out.lines)
	return outFile.Close()
}
