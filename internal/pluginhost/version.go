package pluginhost

import (
	"bytes"
	"encoding/binary"
	"os"
	"strings"
	"sync"
)

// built is the version that a file's program was built as. The file is read again after it has changed.
type built struct {
	mu   sync.Mutex // guards what follows
	file stamp
	text string
}

// version returns the version of the program in a file, empty if it has none.
func (b *built) version(path string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if now := stampOf(path); now != b.file {
		b.file, b.text = now, versionIn(path)
	}
	return b.text
}

// A program made with Go has the description of its build after this mark, at 16 bytes' alignment: see package
// debug/buildinfo, which is not used, as it adds readers of all formats of programs to the binary.
const (
	buildMark  = "\xff Go buildinf:"
	buildHead  = 32 // bytes from the mark to the first text
	inText     = 2  // flag: the texts follow
	textMarker = 16 // bytes around the second text
)

// versionIn returns the version of the main module of the program in a file, empty if it is not known.
func versionIn(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	const chunk, overlap = 1 << 20, 64 << 10
	buf := make([]byte, chunk+overlap)
	for at := int64(0); ; at += chunk {
		n, err := f.ReadAt(buf, at)
		for data := buf[:n]; ; {
			i := bytes.Index(data, []byte(buildMark))
			if i < 0 {
				break
			}
			if version, ok := versionAfter(data[i:]); ok {
				return version
			}
			data = data[i+len(buildMark):]
		}
		if err != nil {
			return ""
		}
	}
}

// versionAfter reads the version from the mark on. It reports false if there is no description.
func versionAfter(data []byte) (string, bool) {
	if len(data) < buildHead || data[len(buildMark)+1]&inText == 0 {
		return "", false
	}
	_, rest, ok := counted(data[buildHead:])
	if !ok {
		return "", false
	}
	modules, _, ok := counted(rest)
	if !ok || len(modules) < 2*textMarker {
		return "", false
	}
	for line := range strings.Lines(string(modules[textMarker : len(modules)-textMarker])) {
		if fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t"); len(fields) > 2 && fields[0] == "mod" {
			if fields[2] == "(devel)" {
				return "", true
			}
			return fields[2], true
		}
	}
	return "", true
}

// counted splits a text after its length.
func counted(data []byte) (text, rest []byte, ok bool) {
	n, size := binary.Uvarint(data)
	if size <= 0 || n > uint64(len(data)-size) {
		return nil, nil, false
	}
	return data[size : size+int(n)], data[size+int(n):], true
}
