package app

import (
	"log/slog"
	"testing"

	"dkron/builtin"
	"dkron/internal/executor"
)

func TestTheExampleOfAThrowawayServerIsRight(t *testing.T) {
	all := builtin.New(slog.New(slog.DiscardHandler))
	defer all.Close()
	c, err := executor.NewCatalogue(all.Names(), all.ByName())
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Judge(&exampleJob); got != nil {
		t.Errorf("%+v", got)
	}
}
