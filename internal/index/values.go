package index

import (
	"cmp"
	"slices"
	"strings"
)

// Value is something that jobs have in common, such as an owner.
type Value struct {
	Value string
	Count int    // jobs that have it
	Job   string // one of them
}

// Trait calls add with a job's values of one kind.
type Trait func(d *Definition, add func(string))

// Owners is the trait of a job's owner.
func Owners(d *Definition, add func(string)) { add(d.Owner) }

// MetadataKeys is the trait of the keys of a job's metadata.
func MetadataKeys(d *Definition, add func(string)) {
	for key := range d.Metadata.All() {
		add(key)
	}
}

// MetadataValues returns the trait of a job's metadata under a key.
func MetadataValues(key string) Trait {
	return func(d *Definition, add func(string)) {
		for k, value := range d.Metadata.All() {
			if k == key {
				add(value)
			}
		}
	}
}

// Values returns the most frequent values of a trait, whose text contains part in any case. Those that begin with it come
// first. more reports that there are others.
func (x *Index) Values(of Trait, part string, most int) (list []Value, more bool) {
	part = strings.ToLower(part)
	known := make(map[string]*Value)
	x.Find(new(Filter), func(found []Found) {
		for _, f := range found {
			of(f.Definition, func(text string) {
				if v := known[text]; v != nil {
					v.Count++
				} else {
					known[text] = &Value{text, 1, f.Definition.Name}
				}
			})
		}
	})
	var within []Value
	for text, v := range known {
		switch at := strings.Index(strings.ToLower(text), part); {
		case text == "" || at < 0:
		case at == 0:
			list = append(list, *v)
		default:
			within = append(within, *v)
		}
	}
	for _, l := range [][]Value{list, within} {
		slices.SortFunc(l, func(a, b Value) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value)) })
	}
	list = append(list, within...)
	if len(list) > most {
		return list[:most], true
	}
	return list, false
}
