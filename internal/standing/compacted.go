package standing

import (
	"log/slog"

	"dkron/internal/state"
)

// Compacted returns what logs each attempt to make the state's file smaller.
func Compacted(log *slog.Logger) func(state.Compaction, error) {
	return func(c state.Compaction, err error) {
		if err != nil {
			log.Warn("could not compact the state's file; trying again in ten minutes; nothing else is affected",
				"size", c.Before, "error", err)
			return
		}
		log.Info("compacted the state's file: much of it was free", "before", c.Before, "after", c.After)
	}
}
