package kafka

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/oauth"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"dkron/plugin"
	"dkron/plugin/keys"
)

// bearer is how a client gets the token that it shows: the token itself, or where tokens are given for user and password.
type bearer struct{ token, url, scope string }

const mechanismBearer = "oauthbearer"

// readBearer reads the keys of oauthbearer, and reports whether the job has that mechanism.
func (c *config) readBearer() bool {
	c.bearer = bearer{token: c.Text("saslToken"), url: c.Text("saslTokenUrl"), scope: c.Text("saslScope")}
	if c.mechanism != mechanismBearer {
		for _, key := range []string{"saslToken", "saslTokenUrl", "saslScope"} {
			if c.Text(key) != "" {
				c.Warn(key, `means nothing without the mechanism oauthbearer; set saslMechanism to "oauthbearer", or remove it`)
			}
		}
		c.bearer = bearer{}
		return false
	}
	u, err := url.Parse(c.bearer.url)
	switch {
	case c.bearer.token != "" && c.bearer.url != "":
		c.Warn("saslTokenUrl", "is not used, since saslToken is set; leave one of them out")
		c.bearer.url = ""
	case c.bearer.token == "" && c.bearer.url == "":
		c.Fault("saslToken", plugin.Hopeless, nil, "is empty; write a token, or set saslTokenUrl with saslUsername and saslPassword")
	case c.bearer.token != "":
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		c.Fault("saslTokenUrl", plugin.Hopeless, nil, "is not an address; write such as https://login.example.com/oauth2/token")
	case c.user == "" || c.password == "":
		c.Fault("saslTokenUrl", plugin.Odd, errHalfUser, "is set without saslUsername and saslPassword, so every execution fails; set the client's id and its secret")
	}
	if !c.tlsOn {
		c.Warn("saslMechanism", "without tlsEnable, oauthbearer sends the token so that everybody on the way can read it; set it")
	}
	return true
}

// tokenError is why there is no token.
type tokenError struct{ error }

func (e tokenError) Unwrap() error { return e.error }

// Error says what the other side has said, without its whole answer.
func (e tokenError) Error() string {
	said := (*oauth2.RetrieveError)(nil)
	if errors.As(e.error, &said) && said.Response != nil {
		return keys.Short(fmt.Sprintf("%s %s %s", said.Response.Status, said.ErrorCode, said.ErrorDescription))
	}
	return keys.Short(e.error.Error())
}

// bearerMechanism returns the mechanism. Tokens that were given are used again until shortly before their end.
func (k clientKey) bearerMechanism() sasl.Mechanism {
	if k.bearer.token != "" {
		return oauth.Auth{Token: k.bearer.token}.AsMechanism()
	}
	client := &http.Client{Timeout: answerLimit, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	given := clientcredentials.Config{ClientID: k.user, ClientSecret: k.password, TokenURL: k.bearer.url}
	if k.bearer.scope != "" {
		given.Scopes = []string{k.bearer.scope}
	}
	// The source outlives each call, so its requests have a limit of their own.
	source := given.TokenSource(context.WithValue(context.Background(), oauth2.HTTPClient, client))
	return oauth.Oauth(func(context.Context) (oauth.Auth, error) {
		token, err := source.Token()
		if err != nil {
			return oauth.Auth{}, tokenError{err}
		}
		return oauth.Auth{Token: token.AccessToken}, nil
	})
}
