package ecs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

const (
	// maxAnswer bounds an answer. A page of a log is at most 1 MiB, of which each byte may be written as six.
	maxAnswer = 8 << 20
	// maxClients is how many clients are kept.
	maxClients = 50
	// clientAge is for how long a client is kept, so that changed files are seen. Its credentials renew themselves.
	clientAge = 5 * time.Minute
	// maxRetries is how often the library tries a call, with pauses that grow.
	maxRetries = 6
)

// account is how AWS is reached. Executions with the same one share a client.
type account struct {
	region, profile  string
	role, externalID string // to assume
	endpoint, logs   string // addresses; empty: AWS's
}

// client calls the two APIs.
type client struct {
	tasks *ecs.Client
	logs  *cloudwatchlogs.Client
	// logsIn is a client of CloudWatch Logs in another region.
	logsIn func(region string) *cloudwatchlogs.Client
	region string
	made   time.Time
}

// clients are kept for the executions that follow.
type clients struct {
	mu        sync.Mutex // guards byAccount
	byAccount map[account]*client
}

// errNoRegion is why no address is known.
var errNoRegion = errors.New("no region is known")

// get returns a client. Nothing is sent to the APIs yet.
func (c *clients) get(ctx context.Context, a account, l limits) (*client, error) {
	c.mu.Lock()
	found := c.byAccount[a]
	c.mu.Unlock()
	if found != nil && time.Since(found.made) < clientAge {
		return found, nil
	}
	made, err := a.open(ctx, l)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.byAccount) >= maxClients {
		clear(c.byAccount)
	}
	c.byAccount[a] = made
	return made, nil
}

// open makes a client.
func (a account) open(ctx context.Context, l limits) (*client, error) {
	options := []func(*awsconfig.LoadOptions) error{
		awsconfig.WithHTTPClient(awshttp.NewBuildableClient().WithTimeout(l.answer)),
		awsconfig.WithRetryer(func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) {
				o.MaxAttempts, o.MaxBackoff = maxRetries, l.backoff
				o.RateLimiter = ratelimit.None // executions must not use up each other's retries
			})
		}),
	}
	if a.region != "" {
		options = append(options, awsconfig.WithRegion(a.region))
	}
	if a.profile != "" {
		options = append(options, awsconfig.WithSharedConfigProfile(a.profile))
	}
	bounded, cancel := context.WithTimeout(ctx, l.call)
	defer cancel()
	cfg, err := awsconfig.LoadDefaultConfig(bounded, options...)
	if err != nil {
		return nil, fmt.Errorf("reading AWS's files and environment: %w", err)
	}
	if cfg.Region == "" {
		return nil, errNoRegion
	}
	cfg.HTTPClient = bound{cfg.HTTPClient}
	if a.role != "" {
		cfg.Credentials = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(sts.NewFromConfig(cfg), a.role, func(o *stscreds.AssumeRoleOptions) {
			o.RoleSessionName = "dkron"
			if a.externalID != "" {
				o.ExternalID = aws.String(a.externalID)
			}
		}))
	}
	logsIn := func(region string) *cloudwatchlogs.Client {
		return cloudwatchlogs.NewFromConfig(cfg, func(o *cloudwatchlogs.Options) {
			o.Region = region
			if a.logs != "" {
				o.BaseEndpoint = aws.String(a.logs)
			}
		})
	}
	tasks := ecs.NewFromConfig(cfg, func(o *ecs.Options) {
		if a.endpoint != "" {
			o.BaseEndpoint = aws.String(a.endpoint)
		}
	})
	return &client{tasks: tasks, logs: logsIn(cfg.Region), logsIn: logsIn, region: cfg.Region, made: time.Now()}, nil
}

// bound is a client that ends answers which are too long, and follows no redirect.
type bound struct{ aws.HTTPClient }

func (b bound) Do(req *http.Request) (*http.Response, error) {
	resp, err := b.HTTPClient.Do(req)
	if err == nil && resp.Body != nil {
		resp.Body = &bounded{resp.Body, maxAnswer}
	}
	return resp, err
}

// errTooLong is the error of an answer that no API of AWS gives.
var errTooLong = fmt.Errorf("the answer is longer than %d MB", maxAnswer>>20)

type bounded struct {
	io.ReadCloser
	left int
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errTooLong
	}
	n, err := b.ReadCloser.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}
