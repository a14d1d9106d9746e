package docker

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/containerd/errdefs"
	"github.com/distribution/reference"
	"github.com/moby/moby/api/types/registry"
	"github.com/moby/moby/client"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"dkron/plugin"
	"dkron/plugin/keys"
)

// stallLimit is how long a pull may make no progress.
const stallLimit = 5 * time.Minute

// errStalled is why a pull is given up.
var errStalled = errors.New("no progress")

// provide makes sure that the engine has the image. When it is pulled, one line of the output says so.
func (r *run) provide(ctx context.Context) error {
	if r.pull != pullAlways {
		bounded, cancel := context.WithTimeout(ctx, answerLimit)
		defer cancel()
		_, err := r.api.ImageInspect(bounded, r.image)
		switch {
		case err == nil:
			return nil
		case !errdefs.IsNotFound(err):
			return err
		case r.pull == pullNever:
			return fmt.Errorf("the engine does not have the image %s, and pull is %q", plugin.Shown(r.image), pullNever)
		}
	}
	began := time.Now()
	if err := r.fetch(ctx); err != nil {
		return fmt.Errorf("pull %s: %w", r.image, err)
	}
	r.say("Pulled %s in %s\n", r.image, plugin.InWords(time.Since(began).Round(100*time.Millisecond)))
	return nil
}

// fetch pulls the image.
func (r *run) fetch(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stall := time.AfterFunc(r.executor.stallLimit, func() { cancel(errStalled) })
	defer stall.Stop()
	options := client.ImagePullOptions{RegistryAuth: r.auth()}
	if r.platform != nil {
		options.Platforms = []ocispec.Platform{*r.platform}
	}
	err := r.progress(ctx, options, func() { stall.Reset(r.executor.stallLimit) })
	if err != nil && errors.Is(context.Cause(ctx), errStalled) {
		return fmt.Errorf("%w within %s", errStalled, plugin.InWords(r.executor.stallLimit))
	}
	return err
}

// progress reads what the engine says of a pull until its end.
func (r *run) progress(ctx context.Context, options client.ImagePullOptions, moved func()) error {
	stream, err := r.api.ImagePull(ctx, r.image, options)
	if err != nil {
		return err
	}
	defer stream.Close()
	for message, err := range stream.JSONMessages(ctx) {
		if err != nil {
			return err
		}
		if message.Error != nil {
			return message.Error
		}
		moved()
	}
	return ctx.Err()
}

// auth is what the engine shows to the registry.
func (c *config) auth() string {
	if c.user == "" && c.token == "" {
		return ""
	}
	auth := registry.AuthConfig{Username: c.user, Password: c.password, IdentityToken: c.token}
	if named, err := reference.ParseNormalizedNamed(c.image); err == nil {
		auth.ServerAddress = reference.Domain(named)
	}
	encoded, err := json.Marshal(auth) //nolint:gosec // the engine gets it, nobody else
	if err != nil {
		return ""
	}
	return base64.URLEncoding.EncodeToString(encoded)
}

// pullAdvice says how to fix an error of provide, or nothing if that isn't known.
func (c *config) pullAdvice(err error) string {
	domain := "the registry"
	if named, err := reference.ParseNormalizedNamed(c.image); err == nil {
		domain = reference.Domain(named)
	}
	who := "set registryUser and registryPassword"
	if c.user != "" || c.token != "" {
		who = "check registryUser and registryPassword, or registryToken"
	}
	said := strings.ToLower(err.Error())
	for _, a := range []struct{ part, advice string }{
		{"pull is \"never\"", "pull or build the image on the engine's machine, or set pull to " + pullMissing},
		{"no progress", domain + " or the way to it hangs; try docker pull on the engine's machine"},
		{"no basic auth credentials", domain + " wants to know who pulls; " + who},
		{"unauthorized", domain + " does not let these credentials pull the image; " + who},
		{"pull access denied", "there is no such image at " + domain + ", or it is private; correct image, or " + who},
		{"access to the resource is denied", "there is no such image at " + domain + ", or it is private; correct image, or " + who},
		{"no matching manifest", "the image is not made for this platform; set platform, or use another image"},
		{"manifest unknown", domain + " has no such tag or digest; correct image"},
		{"not found", domain + " has no such image; correct image"},
		{"no such host", "the engine knows no address of " + domain + "; check image, and DNS on the engine's machine"},
		{"server gave http response to https client", domain + " does not use TLS; add it to insecure-registries of the engine"},
		{"certificate", "the engine does not trust the certificate of " + domain + "; put its authority into /etc/docker/certs.d/" + domain},
		{"no space left on device", "the engine's disk is full; free space there, for example with docker system prune"},
		{"connection refused", "nothing accepts connections at " + domain + "; check that the registry runs"},
		{"timeout", domain + " does not answer; check that the engine's machine may reach it"},
		{"toomanyrequests", domain + " limits pulls; " + who + ", or wait"},
	} {
		if strings.Contains(said, a.part) {
			return keys.Short(a.advice)
		}
	}
	return ""
}
