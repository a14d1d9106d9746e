package config

import "errors"

// value is something read from a source before its kind is known: a text, a list or a table.
type value struct {
	shape shape
	text  string  // of a text
	items []value // of a list
	pairs []pair  // of a table, in the order of the file
	line  int     // in its file; 0 if unknown
}

type pair struct {
	key string
	val value
}

type shape int

const (
	isText shape = iota
	isList
	isTable
	isNothing // YAML's and JSON's null, and an empty variable: as if the key were absent
)

func plain(t string) value { return value{shape: isText, text: t} }

func (v value) mustBeText(want string) error {
	if v.shape != isText {
		return errors.New("want " + want)
	}
	return nil
}

// flatten turns nested tables into pairs with dotted keys, but leaves the map settings whole.
func flatten(prefix string, pairs []pair) []pair {
	var flat []pair
	for _, p := range pairs {
		key := prefix + p.key
		s := find(key)
		if p.val.shape == isTable && s == nil {
			flat = append(flat, flatten(key+".", p.val.pairs)...)
			continue
		}
		flat = append(flat, pair{key, p.val})
	}
	return flat
}
