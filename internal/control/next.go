//go:build !nextprotocol

package control

import (
	"context"

	"dkron/internal/command"
)

// fillNext sets the field that Fire gets in the build nextprotocol.
func (*Control) fillNext(context.Context, *command.Fire) {}
