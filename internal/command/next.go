//go:build !nextprotocol

package command

import "dkron/internal/codec"

// next is the fields that Fire gets in the build nextprotocol: none.
type next struct{}

func (*next) fields(*codec.Wire) {}
