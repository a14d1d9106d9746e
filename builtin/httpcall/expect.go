package httpcall

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"dkron/plugin"
)

// matchLimit is how much of a body expectBody is matched against.
const matchLimit = 1 << 20

// expectation is the response that a job expects. The zero value accepts any.
type expectation struct {
	codes       []int    // 200, or 2 for 2xx
	wanted      []string // the same as written
	expectCode  bool     // also true if no entry of the list is valid: then nothing is accepted
	expectBody  *regexp.Regexp
	failOnError bool
}

// parseCodes reads the key expectCode: a list of codes and classes such as 2xx.
func (c *config) parseCodes(list string) {
	for entry := range strings.SplitSeq(list, ",") {
		entry = strings.TrimSpace(entry)
		if entry == "" {
			continue
		}
		c.expectCode = true
		digits, class := strings.CutSuffix(strings.ToLower(entry), "xx")
		code, err := strconv.ParseUint(digits, 10, 16)
		if err != nil || class != (len(digits) == 1) || !class && len(digits) != 3 {
			c.Warn("expectCode", "%s is neither a status code nor a class like 2xx and matches nothing; %s", plugin.Shown(entry), wantCodes(entry))
			continue
		}
		c.codes, c.wanted = append(c.codes, int(code)), append(c.wanted, strings.ToLower(entry))
	}
}

// wantCodes suggests how to write the codes that were probably meant by a range or a word.
func wantCodes(entry string) string {
	from, to, _ := strings.Cut(entry, "-")
	if len(from) == 3 && from[1:] == "00" && from[0] >= '1' && from[0] <= '5' && to == from[:1]+"99" {
		return "for " + entry + " write " + from[:1] + "xx"
	}
	return `write a list such as "200,204" or "2xx"`
}

// judge returns the result of a call that was answered. head is the start of the answer's body.
func (x *expectation) judge(resp *http.Response, head []byte) *plugin.ExecuteResponse {
	code := resp.StatusCode
	failed := func(text, reason string) *plugin.ExecuteResponse {
		return &plugin.ExecuteResponse{Error: text, Reason: "answered " + strconv.Itoa(code) + ", " + reason}
	}
	switch {
	case x.expectCode && !slices.Contains(x.codes, code) && !slices.Contains(x.codes, code/100):
		if len(x.wanted) == 0 {
			return failed("received response code does not match the expected code", "and expectCode names no valid code")
		}
		return failed("received response code does not match the expected code", "expected "+strings.Join(x.wanted, " or "))
	case !x.expectCode && x.failOnError && code >= http.StatusBadRequest:
		return failed("received response status "+resp.Status, "expected less than 400")
	case x.expectBody != nil && !x.expectBody.Match(head):
		return failed("received response body did not match the expected body", "but with another body than expected")
	}
	return new(plugin.ExecuteResponse)
}

func (x *expectation) matchLimit() int {
	if x.expectBody == nil {
		return 0
	}
	return matchLimit
}
