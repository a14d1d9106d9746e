package index_test

import (
	"fmt"
	"testing"

	"dkron"
	"dkron/internal/index"
)

func TestValuesAreTheMostFrequentThatContainAText(t *testing.T) {
	x := index.New()
	add := func(n int, owner string, metadata map[string]string) {
		for range n {
			j := &dkron.Job{Number: uint64(x.Len() + 1), Owner: owner, Metadata: metadata}
			j.Name = fmt.Sprintf("j%03d", j.Number)
			x.Add(index.NewEntry(j, new(dkron.Progress)))
		}
	}
	add(3, "Platform", map[string]string{"team": "platform", "tier": "1"})
	add(5, "data", map[string]string{"team": "data"})
	add(1, "web-platform", nil)
	add(9, "", map[string]string{"team": "", "tier": "2"})
	for i, c := range []struct {
		of   index.Trait
		part string
		most int
		want string
	}{
		{index.Owners, "", 10, "[{data 5 j004} {Platform 3 j001} {web-platform 1 j009}] false"},
		{index.Owners, "PLAT", 10, "[{Platform 3 j001} {web-platform 1 j009}] false"},
		{index.Owners, "", 1, "[{data 5 j004}] true"},
		{index.Owners, "none", 1, "[] false"},
		{index.MetadataKeys, "", 10, "[{team 17 j001} {tier 12 j001}] false"},
		{index.MetadataValues("tier"), "", 10, "[{2 9 j010} {1 3 j001}] false"},
		{index.MetadataValues("team"), "a", 10, "[{data 5 j004} {platform 3 j001}] false"},
		{index.MetadataValues("x"), "", 10, "[] false"},
	} {
		list, more := x.Values(c.of, c.part, c.most)
		if got := fmt.Sprint(list, more); got != c.want {
			t.Errorf("%d: got %s, want %s", i, got, c.want)
		}
	}
}

func BenchmarkValues(b *testing.B) {
	x := index.New()
	for i := range 20_000 {
		j := &dkron.Job{Number: uint64(i + 1), Name: fmt.Sprintf("job-%06d", i), Owner: fmt.Sprintf("owner-%d", i), Metadata: map[string]string{"team": fmt.Sprint("t", i%50)}}
		x.Add(index.NewEntry(j, new(dkron.Progress)))
	}
	for b.Loop() {
		x.Values(index.Owners, "own", 50)
	}
}
