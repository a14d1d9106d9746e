//go:build linux

package docker

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/moby/moby/client"

	"dkron/plugin"
	"dkron/plugins-docker/internal/enginetest"
)

// newRegistry starts a registry that wants a user, with the image team/report:1. It returns the image's name.
func newRegistry(t *testing.T) string {
	t.Helper()
	all := registry.New()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "robot" || password != "s3cret" {
			w.Header().Set("WWW-Authenticate", `Basic realm="test"`)
			http.Error(w, `{"errors":[{"code":"UNAUTHORIZED","message":"who are you"}]}`, http.StatusUnauthorized)
			return
		}
		all.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	rootfs, err := enginetest.RootFS()
	if err != nil {
		t.Fatal(err)
	}
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(rootfs)), nil })
	if err != nil {
		t.Fatal(err)
	}
	image, err := mutate.AppendLayers(empty.Image, layer)
	if err != nil {
		t.Fatal(err)
	}
	if image, err = mutate.ConfigFile(image, &v1.ConfigFile{Architecture: "amd64", OS: "linux", Config: v1.Config{Env: []string{"PATH=/bin"}}, RootFS: rootOf(t, image)}); err != nil {
		t.Fatal(err)
	}
	full := strings.TrimPrefix(s.URL, "http://") + "/team/report:1"
	ref, err := name.ParseReference(full)
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.Write(ref, image, remote.WithAuth(&authn.Basic{Username: "robot", Password: "s3cret"})); err != nil {
		t.Fatal(err)
	}
	return full
}

func rootOf(t *testing.T, image v1.Image) v1.RootFS {
	t.Helper()
	config, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	return config.RootFS
}

func TestAnImageIsPulledFromItsRegistry(t *testing.T) {
	e := shared.Get(t)
	image := newRegistry(t)
	defer func() {
		_, _ = e.API(t).ImageRemove(context.Background(), image, client.ImageRemoveOptions{Force: true})
	}()
	domain, _, _ := strings.Cut(image, "/")
	config := on(e, "image", image, "command", "echo hello")
	for _, x := range []struct {
		what          string
		pairs         []string
		error, reason string
		output        string
	}{
		{"nobody", nil, "pull " + image + ": ", domain + " wants to know who pulls; set registryUser and registryPassword", ""},
		{"a wrong password", []string{"registryUser", "robot", "registryPassword", "wrong"}, "pull " + image + ": ", domain + " does not let these credentials pull the image; check registryUser and registryPassword, or registryToken", ""},
		{"another tag", []string{"image", image + "23", "registryUser", "robot", "registryPassword", "s3cret"}, "pull " + image + "23: ", domain + " has no such tag or digest; correct image", ""},
		{"who may", []string{"registryUser", "robot", "registryPassword", "s3cret"}, "", "", "Pulled " + image + " in "},
		{"once it is there", nil, "", "", "hello\n"},
		{"always", []string{"pull", "always", "registryUser", "robot", "registryPassword", "s3cret"}, "", "", "Pulled " + image + " in "},
	} {
		response, out := execute(t, with(config, x.pairs...))
		if !strings.HasPrefix(response.Error, x.error) || (response.Error == "") != (x.error == "") || response.Reason != x.reason || !strings.HasPrefix(out, x.output) {
			t.Errorf("%s: %+v, output %q", x.what, response, out)
		}
		if x.error == "" && (!strings.HasSuffix(out, "hello\n") || strings.Count(out, "\n") > 2) {
			t.Errorf("%s: output %q", x.what, out)
		}
	}
}

func TestAPullThatHangsIsGivenUp(t *testing.T) {
	e := shared.Get(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	image := l.Addr().String() + "/team/report:1"
	config := on(e, "image", image, "command", "true")

	response, _ := execute(t, with(config, "timeout", "1s"))
	if !response.TimedOut || response.Error != "timed out after 1 s while pulling the image" {
		t.Errorf("a timeout: %+v", response)
	}

	impatient := New()
	impatient.stallLimit = 300 * time.Millisecond
	response = executeTo(t.Context(), t, impatient, config, new(output))
	if response.Error != "pull "+image+": no progress within 300 ms" || !strings.HasPrefix(response.Reason, l.Addr().String()+" or the way to it hangs") {
		t.Errorf("no progress: %+v", response)
	}

	ctx, stop := context.WithCancelCause(t.Context())
	time.AfterFunc(300*time.Millisecond, func() { stop(plugin.ErrStopped) })
	response = executeTo(ctx, t, New(), config, new(output))
	if response.Error != "stopped on request while pulling the image" {
		t.Errorf("a stop: %+v", response)
	}
}
