package docker

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/client"

	"dkron/plugin"
	"dkron/plugin/keys"
)

const (
	// answerLimit bounds each call of the engine that is expected to answer at once.
	answerLimit = 30 * time.Second
	// reachLimit is how long an engine may take to answer at all.
	reachLimit = 10 * time.Second
)

// dial returns a client of the engine that the job or the node names. Nothing is sent yet.
func (c *config) dial() (*client.Client, error) {
	if c.host == "" {
		return client.New(client.FromEnv)
	}
	var options []client.Opt
	if !c.tls.IsZero() {
		secure, err := c.tls.Config()
		if err != nil {
			return nil, err
		}
		options = append(options, client.WithHTTPClient(&http.Client{
			Transport: &http.Transport{TLSClientConfig: secure, IdleConnTimeout: 30 * time.Second}, CheckRedirect: client.CheckRedirect,
		}))
	}
	return client.New(append(options, client.WithHost(c.host))...)
}

// reach makes sure that the engine answers, so that a later error is not that of a wrong address.
func reach(ctx context.Context, api *client.Client) error {
	bounded, cancel := context.WithTimeout(ctx, reachLimit)
	defer cancel()
	_, err := api.Ping(bounded, client.PingOptions{NegotiateAPIVersion: true})
	if err != nil && ctx.Err() == nil && errors.Is(bounded.Err(), context.DeadlineExceeded) {
		return unreachable{fmt.Errorf("the engine at %s does not answer within %s", api.DaemonHost(), plugin.InWords(reachLimit))}
	}
	if err != nil && ctx.Err() == nil {
		return unreachable{err}
	}
	return err
}

// unreachable is the error of an engine that can't be asked.
type unreachable struct{ error }

func (u unreachable) Unwrap() error { return u.error }

// away reports whether an error says nothing of the container, but that the engine can't be asked.
func away(err error) bool {
	return err != nil && !errdefs.IsNotFound(err) && !errdefs.IsConflict(err) && !errdefs.IsInvalidArgument(err) &&
		!errdefs.IsUnauthorized(err) && !errdefs.IsPermissionDenied(err)
}

// text returns what an engine says, in one line.
func text(err error) string {
	said := strings.TrimPrefix(keys.Short(err.Error()), "Error response from daemon: ")
	// What the runtime says is nested in what those say that have called it.
	if i := strings.LastIndex(said, "exec: "); i >= 0 && strings.Contains(said, "OCI runtime") {
		said = strings.TrimSuffix(said[i:], ": unknown")
	}
	return said
}

// advice says how to fix an error, or nothing if that isn't known.
func (c *config) advice(err error, host string) string {
	said := err.Error()
	for _, a := range []struct{ part, advice string }{
		{"permission denied while trying to connect", "the agent's user may not use " + host + "; add it to the group docker and restart the agent, or name another engine in host"},
		{"no such file or directory", "there is no engine at " + host + "; install and start Docker on the node, or name another engine in host"},
		{"Cannot connect to the Docker daemon", "nothing accepts connections at " + host + "; start Docker on the node, or correct host"},
		{"failed to connect to the docker API", "there is no engine at " + host + "; install and start Docker on the node, or name another engine in host"},
		{"does not answer within", "the engine hangs, or something else is at " + host + "; look at its log, and restart it"},
		{"HTTP response to HTTPS client", host + " does not use TLS; remove the keys of TLS, or use its port for TLS"},
		{"HTTP request to an HTTPS server", host + " wants TLS; set tlsRootCAsFile, tlsCertificateFile and tlsCertificateKeyFile"},
		{"malformed HTTP response", host + " is not an engine, or wants TLS; check host, and set the keys of TLS"},
		{"client version", "the engine is too old for this executor; update it"},
		{"minimum supported API version", "the engine is too old for this executor; update it"},
		{"executable file not found", "the image has no such program; correct command or entrypoint"},
		{"Mounts denied", "the engine may not use the folder; see volumes"},
		{"invalid mount config", "a folder of volumes can't be used; see volumes"},
		{"bind source path does not exist", "a folder of volumes does not exist on the engine's machine"},
		{"unable to find user", "the image does not have this user; correct user"},
		{"Range of CPUs", "the engine's machine has fewer processors; lower cpus"},
		{"no space left on device", "the engine's disk is full; free space there, for example with docker system prune"},
	} {
		if strings.Contains(said, a.part) {
			return a.advice
		}
	}
	if strings.Contains(said, "network") && strings.Contains(said, "not found") {
		return fmt.Sprintf("the engine has no network %s; create it, or correct network", plugin.Shown(c.network))
	}
	return keys.Advice(said, host)
}

// refused is the response of an execution that failed with err before its command began. ctx may have ended.
func (c *config) refused(ctx context.Context, doing string, err error, host string) *plugin.ExecuteResponse {
	if ctx.Err() != nil {
		return keys.Failed(ctx, c.timeout, doing, nil)
	}
	return &plugin.ExecuteResponse{Error: text(err), Reason: c.advice(err, host)}
}

// shortage marks errors because of which an execution may be tried again: the node can't make connections now.
func shortage(err error) error {
	if e := keys.Shortage(err); errors.Is(e, plugin.ErrShortage) {
		return e
	}
	if strings.Contains(err.Error(), "too many open files") && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%w: %w", plugin.ErrShortage, err)
	}
	return nil
}
