package app

import (
	"testing"

	"dkron/builtin"
	"dkron/internal/example"
	"dkron/internal/executor"
)

func TestTheExampleOfAThrowawayServerIsRight(t *testing.T) {
	all := builtin.New(builtin.Options{})
	defer all.Close()
	known, err := executor.KnownExecutors(all.Names(), all.ByName())
	if err != nil {
		t.Fatal(err)
	}
	job := example.Job()
	if got := executor.NewCatalogue(known, nil).Judge(&job); got != nil {
		t.Errorf("%+v", got)
	}
}
