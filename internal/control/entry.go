package control

import "dkron/internal/codec"

// entryBytes is how much of a list one log entry holds, half of what the log takes.
const entryBytes = 2 << 20

// split cuts a list into parts that fit into a log entry. Of an empty list there are none.
func split[T any, P interface {
	*T
	codec.Message
}](list []T) (parts [][]T) {
	from, size := 0, 0
	for i := range list {
		n := len(codec.Encode(P(&list[i])))
		if size += n; size > entryBytes && i > from {
			parts = append(parts, list[from:i])
			from, size = i, n
		}
	}
	if from < len(list) {
		parts = append(parts, list[from:])
	}
	return parts
}
