package state

import (
	"regexp"
	"slices"

	"dkron"
)

// ReadyRule is a rule that is ready to be applied.
type ReadyRule struct {
	*dkron.Rule
	output *regexp.Regexp
}

// newReadyRule makes a rule ready. An expression that can't be read matches nothing: it was refused when the rule was written.
func newReadyRule(r *dkron.Rule) ReadyRule {
	w := ReadyRule{Rule: r}
	if r.Output != "" && slices.Contains(r.On, dkron.AlertOutput) {
		w.output, _ = regexp.Compile(r.Output)
	}
	return w
}

// maxMatched is how many bytes at the end of an output are matched. RE2 takes time in proportion to it.
const maxMatched = 64 << 10

// Prints reports whether an output has what the rule looks for.
func (w *ReadyRule) Prints(output []byte) bool {
	return w.output != nil && w.output.Match(output[max(0, len(output)-maxMatched):])
}
