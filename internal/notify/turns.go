package notify

import (
	"errors"
	"fmt"
	"strings"
	"text/template"
	"text/template/parse"
)

// maxTurns is how many turns the loops of a channel's template may take, calls of its parts included. A message has 50 items, each
// with ten lines.
const maxTurns = 10_000

var errTurns = fmt.Errorf("its loops take more than %d turns", maxTurns)

// counted reads a template that ends by itself: one such as {{ range 1000000000000 }} would keep a server busy for ever, and nothing
// else could stop it. It is for one execution.
func counted(name, text string) (*template.Template, error) {
	turns := 0
	t, err := template.New(name).Funcs(functions).Funcs(template.FuncMap{"_turn": func() (string, error) {
		if turns++; turns > maxTurns {
			return "", errTurns
		}
		return "", nil
	}}).Parse(text)
	if err != nil {
		return nil, err
	}
	trees, err := parse.Parse(name, "{{_turn}}", "", "", map[string]any{"_turn": true})
	if err != nil {
		return nil, err
	}
	turn := trees[name].Root.Nodes[0]
	for _, part := range t.Templates() {
		count(part.Root, turn)
	}
	return t, nil
}

// count puts a node at the beginning of a template's part, and of all loops in it.
func count(list *parse.ListNode, turn parse.Node) {
	within(list, turn)
	list.Nodes = append([]parse.Node{turn}, list.Nodes...)
}

func within(list *parse.ListNode, turn parse.Node) {
	if list == nil {
		return
	}
	for _, n := range list.Nodes {
		switch n := n.(type) {
		case *parse.RangeNode:
			count(n.List, turn)
			within(n.ElseList, turn)
		case *parse.IfNode:
			within(n.List, turn)
			within(n.ElseList, turn)
		case *parse.WithNode:
			within(n.List, turn)
			within(n.ElseList, turn)
		}
	}
}

// failed returns the error of a template without what says which package it is from.
func failed(name string, err error) error {
	if errors.Is(err, errTurns) {
		return refusal(name + ": " + errTurns.Error())
	}
	return refusal(strings.TrimPrefix(err.Error(), "template: "))
}
