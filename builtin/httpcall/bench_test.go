package httpcall_test

import (
	"net"
	"net/http"
	"testing"

	"dkron/plugin"
)

type silent struct{}

func (silent) Write([]byte, bool)   {}
func (silent) Started([]byte) error { return nil }

var _ plugin.Status = silent{}

// The allocations against httptest include those of its server, which runs in the same process; against bare they are
// those of the call alone.
func BenchmarkExecute(b *testing.B) {
	b.Run("httptest", func(b *testing.B) { benchmarkExecute(b, answer(b, 200, "ok")) })
	b.Run("bare", func(b *testing.B) { benchmarkExecute(b, bare(b)) })
}

func benchmarkExecute(b *testing.B, url string) {
	e := newExecutor(b)
	config := map[string]string{"method": "GET", "url": url}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		req := request(config)
		for pb.Next() {
			if resp, err := e.Execute(b.Context(), req, silent{}); err != nil || resp.Error != "" {
				b.Error(resp, err)
				return
			}
		}
	})
}

// bare is a server that answers every read with the same bytes and allocates nothing for it.
func bare(b *testing.B) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				buf, response := make([]byte, 4096), []byte("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
				for {
					if _, err := conn.Read(buf); err != nil {
						return
					}
					_, _ = conn.Write(response)
				}
			}()
		}
	}()
	return "http://" + l.Addr().String()
}

// BenchmarkNetHTTP is the same exchange with net/http alone, against bare.
func BenchmarkNetHTTP(b *testing.B) {
	url := bare(b)
	transport := &http.Transport{MaxIdleConnsPerHost: 256}
	defer transport.CloseIdleConnections()
	client := http.Client{Transport: transport}
	buf := make([]byte, 64)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		buf := buf[:len(buf):len(buf)]
		for pb.Next() {
			resp, err := client.Get(url)
			if err != nil {
				b.Error(err)
				return
			}
			for err == nil {
				_, err = resp.Body.Read(make([]byte, len(buf)))
			}
			resp.Body.Close()
		}
	})
}
