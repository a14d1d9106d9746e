package grpccall

import (
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"dkron/plugin/keys"
)

// detail is the text of an error without the library's frame.
func detail(err error) string {
	s, ok := status.FromError(err)
	if !ok {
		return keys.Short(err.Error())
	}
	if s.Code() == codes.NotFound {
		return s.Message()
	}
	return keys.Short(err.Error())
}

// reflectionAdvice says how to fix a failure to learn the method's messages.
func (c *config) reflectionAdvice(err error) string {
	s := status.Convert(err)
	switch s.Code() {
	case codes.Unimplemented:
		return c.endpoint.addr + " does not offer reflection, by which the messages are learned; switch on its service grpc.reflection.v1.ServerReflection"
	case codes.Unauthenticated, codes.PermissionDenied:
		return c.endpoint.addr + " does not allow reflection with these headers: " + shown(s)
	case codes.NotFound:
		return s.Message() + "; check the names in url"
	}
	return c.advice(s)
}

// advice says what went wrong, and how to fix it if that is known.
func (c *config) advice(s *status.Status) string {
	text := s.Message()
	switch {
	case tooLarge(s):
		return "an answer is larger than 4 MiB, which is the most that is read; ask for less at once, or use a method that streams"
	case s.Code() == codes.Unavailable && !c.endpoint.secure && (strings.Contains(text, "error reading server preface") || strings.Contains(text, "failed to receive server preface")):
		return c.endpoint.addr + " does not answer as gRPC without TLS; write grpcs:// if it wants TLS, and check the port"
	case s.Code() == codes.Unavailable:
		if advice := keys.Advice(text, c.endpoint.addr); advice != "" {
			return advice
		}
		return c.endpoint.addr + " is not available: " + keys.Short(text)
	}
	return "answered " + shown(s) + ", expected " + c.wanted()
}

// tooLarge reports whether it is our own limit that ended a call.
func tooLarge(s *status.Status) bool {
	return s.Code() == codes.ResourceExhausted && strings.Contains(s.Message(), "received message larger than max")
}
