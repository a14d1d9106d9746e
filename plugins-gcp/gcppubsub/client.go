package gcppubsub

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	"cloud.google.com/go/auth/credentials"
	pubsub "cloud.google.com/go/pubsub/v2/apiv1"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

const (
	// maxClients is how many clients are kept. The one that was not used for the longest time goes first.
	maxClients = 50
	// maxAnswer bounds an answer, which has one id.
	maxAnswer = 1 << 20
	scope     = "https://www.googleapis.com/auth/pubsub"
)

// idleTime is how long a client without an execution is kept.
const idleTime = 30 * time.Second

// access is what executions must share to share a client.
type access struct {
	endpoint    string // host:port; empty: Google's
	plain       bool   // an emulator, without TLS and credentials
	credentials string // a file; empty: the node's default
	changed     int64  // of the file, Unix time in nanoseconds
}

// look returns the access with the state of its file, so that a changed one means another client.
func (a access) look() (access, error) {
	if a.credentials == "" {
		return a, nil
	}
	info, err := os.Stat(a.credentials)
	if err != nil {
		return a, fmt.Errorf("credentialsFile: %w", err)
	}
	a.changed = info.ModTime().UnixNano()
	return a, nil
}

// open makes a client. The library makes its connections with the first call.
func (a access) open(ctx context.Context) (*pubsub.TopicAdminClient, error) {
	options := []option.ClientOption{option.WithGRPCDialOption(grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxAnswer)))}
	if a.endpoint != "" {
		options = append(options, option.WithEndpoint(a.endpoint))
	}
	if a.plain {
		options = append(options, option.WithoutAuthentication(), option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials())))
	}
	if a.credentials != "" {
		// Other kinds may name programs and addresses that are then called, and jobs choose the file.
		found, err := credentials.NewCredentialsFromFile(credentials.ServiceAccount, a.credentials, &credentials.DetectOptions{Scopes: []string{scope}})
		if err != nil {
			return nil, fmt.Errorf("credentialsFile: %w", err)
		}
		options = append(options, option.WithAuthCredentials(found))
	}
	return pubsub.NewTopicAdminClient(ctx, options...)
}

// clients are kept for the executions that have the same access.
type clients struct {
	mu       sync.Mutex // guards the rest
	byAccess map[access]*client
}

type client struct {
	ready chan struct{} // closed once api or err is there
	api   *pubsub.TopicAdminClient
	err   error

	users int
	last  time.Time   // of use
	idle  *time.Timer // closes it; runs while users is 0
	gone  bool        // no longer kept: the last user closes it
}

// use returns the client for an access, which is made if there is none. The caller calls done in the end. If ctx ends
// first, use returns its cause; the library can't be interrupted while it looks for credentials, and then ends by itself.
func (c *clients) use(ctx context.Context, a access) (api *pubsub.TopicAdminClient, done func(), err error) {
	e := c.enter(a)
	done = func() { c.leave(a, e) }
	select {
	case <-e.ready:
	case <-ctx.Done():
		done()
		return nil, nil, context.Cause(ctx)
	}
	if e.err != nil {
		done()
		return nil, nil, e.err
	}
	return e.api, done, nil
}

func (c *clients) enter(a access) *client {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.byAccess[a]
	if e == nil {
		if c.byAccess == nil {
			c.byAccess = make(map[access]*client)
		}
		if len(c.byAccess) >= maxClients {
			c.evict()
		}
		e = &client{ready: make(chan struct{})}
		c.byAccess[a] = e
		e.users++ // of what opens it
		go func() {
			e.api, e.err = a.open(context.Background())
			close(e.ready)
			c.leave(a, e)
		}()
	}
	e.users++
	e.last = time.Now()
	if e.idle != nil {
		e.idle.Stop()
	}
	return e
}

func (c *clients) leave(a access, e *client) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e.users--
	select {
	case <-e.ready:
		if e.err != nil { // the next one tries again
			c.drop(a, e)
			return
		}
	default:
	}
	switch {
	case e.users > 0:
	case e.gone:
		e.close()
	default:
		e.idle = time.AfterFunc(idleTime, func() {
			c.mu.Lock()
			defer c.mu.Unlock()
			if e.users == 0 && !e.gone {
				c.drop(a, e)
			}
		})
	}
}

// drop keeps a client no longer, and closes it if nobody uses it. The caller holds the mutex.
func (c *clients) drop(a access, e *client) {
	e.gone = true
	if c.byAccess[a] == e {
		delete(c.byAccess, a)
	}
	if e.users == 0 {
		e.close()
	}
}

// evict drops the client that was not used for the longest time. The caller holds the mutex.
func (c *clients) evict() {
	var oldest *client
	var key access
	for a, e := range c.byAccess {
		if oldest == nil || e.last.Before(oldest.last) {
			key, oldest = a, e
		}
	}
	c.drop(key, oldest)
}

func (e *client) close() {
	if e.api != nil {
		go func() { _ = e.api.Close() }()
	}
}
