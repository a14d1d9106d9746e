package guide

import (
	"bufio"
	"fmt"
	"os"
	"regexp"
	"strings"
)

// block is a marked block of a page.
type block struct {
	line   int // of its first line of text
	text   string
	output *block // expected output; nil: any
}

const (
	testMark   = "<!-- test -->"
	outputMark = "<!-- output -->"
)

// read returns the marked blocks of a page.
func read(file string) ([]*block, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var blocks []*block
	var mark, lang string
	var open *block
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		line := lines.Text()
		switch {
		case open != nil && line == "```":
			if blocks, err = add(blocks, mark, lang, open); err != nil {
				return nil, fmt.Errorf("%s:%d: %w", file, open.line, err)
			}
			open, mark = nil, ""
		case open != nil:
			open.text += line + "\n"
		case strings.HasPrefix(line, "```"):
			open, lang = &block{line: n + 1}, strings.TrimPrefix(line, "```")
		case line == testMark || line == outputMark:
			mark = line
		case line != "":
			mark = ""
		}
	}
	return blocks, lines.Err()
}

func add(blocks []*block, mark, lang string, b *block) ([]*block, error) {
	switch {
	case mark == testMark && lang == "sh":
		return append(blocks, b), nil
	case mark == testMark:
		return nil, fmt.Errorf("a test must be a block of sh, not of %q", lang)
	case mark != outputMark:
		return blocks, nil
	case lang != "json" && lang != "text":
		return nil, fmt.Errorf("output must be a block of json or text, not of %q", lang)
	case len(blocks) == 0 || blocks[len(blocks)-1].output != nil:
		return nil, fmt.Errorf("output without a test before it")
	}
	blocks[len(blocks)-1].output = b
	return blocks, nil
}

// prints reports whether output is what the page shows.
func (b *block) prints(output string) bool {
	var parts []string
	for _, part := range strings.Split(b.text, "…") {
		parts = append(parts, regexp.QuoteMeta(tight(part)))
	}
	return regexp.MustCompile(`(?s)\A` + strings.Join(parts, ".*") + `\z`).MatchString(tight(output))
}

// tight returns text without white space.
func tight(text string) string { return strings.Join(strings.Fields(text), "") }
