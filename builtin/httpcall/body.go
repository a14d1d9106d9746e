package httpcall

import (
	"io"
	"sync"

	"dkron/plugin"
)

var chunks = sync.Pool{New: func() any { return new([32 << 10]byte) }}

// stream passes a body to status as it arrives and returns its first keep bytes. It never holds more than that and one
// chunk; status limits the output.
func stream(body io.Reader, status plugin.Status, keep int) (head []byte, err error) {
	buf := chunks.Get().(*[32 << 10]byte)
	defer chunks.Put(buf)
	for {
		n, err := body.Read(buf[:])
		if n > 0 {
			status.Write(buf[:n], false)
			head = append(head, buf[:min(n, keep-len(head))]...)
		}
		if err == io.EOF { // never wrapped: a body cut short is another error
			return head, nil
		}
		if err != nil {
			return head, err
		}
	}
}
