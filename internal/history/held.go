package history

// pile is the dots of a job, or of a job on a node.
type pile struct {
	dots   []dot
	joined bool // they are one per slot
}

// held is the piles of a summary. What it holds is bounded: the more there is, the less is shown one by one.
type held struct {
	grid   grid
	single int
	piles  []*pile
	dots   int // of all piles
}

func newHeld(q *SummaryQuery) held { return held{grid: newGrid(q.Since, q.Until), single: single} }

// put adds a dot to one of the piles.
func (h *held) put(p *pile, d *dot) {
	before := len(p.dots)
	if p.joined {
		p.dots = put(p.dots, d)
	} else if p.dots = append(p.dots, *d); len(p.dots) > h.single {
		p.dots, p.joined = join(p.dots), true
	}
	h.dots += len(p.dots) - before
}

// shrink shows less one by one, then makes slots longer. It returns false if there is nothing more to join.
func (h *held) shrink() bool {
	if h.single == 0 && h.grid.gap > h.grid.most {
		return false
	}
	wider := h.single == 0
	if wider {
		h.grid.gap *= 2
	}
	h.single /= 2
	h.dots = 0
	for _, p := range h.piles {
		for i := range p.dots {
			if wider {
				p.dots[i].slot /= 2
			}
		}
		if wider || !p.joined && len(p.dots) > h.single {
			p.dots, p.joined = join(p.dots), true
		}
		h.dots += len(p.dots)
	}
	return true
}

// shown is how many launches and bands would be in the answer.
func (h *held) shown() (n int) {
	for _, p := range h.piles {
		if p.joined {
			n += runs(p.dots)
		} else {
			n += len(p.dots)
		}
	}
	return n
}
