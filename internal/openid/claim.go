package openid

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/oauth2"

	"dkron"
)

// claims is what a provider says of a person.
type claims map[string]any

// find returns a claim: one of that name, or one within others, such as realm_access.roles.
func (c claims) find(name string) any {
	if v, ok := c[name]; ok {
		return v
	}
	first, rest, more := strings.Cut(name, ".")
	inner, _ := c[first].(map[string]any)
	if !more || inner == nil {
		return nil
	}
	return claims(inner).find(rest)
}

// groups returns the groups in a claim, which has a list of them or one, each once and in order.
func (c claims) groups(name string) (groups []string) {
	switch v := c.find(name).(type) {
	case string:
		groups = append(groups, v)
	case []any:
		for _, one := range v {
			if text, ok := one.(string); ok {
				groups = append(groups, text)
			}
		}
	}
	slices.Sort(groups)
	return slices.Compact(groups)
}

// forClient returns why an ID token is not for us although we are in its audience: one for several clients names the one that asked.
func (c claims) forClient(id string, audience []string) error {
	azp, named := c["azp"]
	if named && azp != id || !named && len(audience) > 1 {
		return errors.New("it was made for another client")
	}
	return nil
}

// nameOf returns the name of a person. An e-mail address that the provider has not verified may be anybody's.
func (p *Provider) nameOf(c claims, subject string) string {
	for _, claim := range p.NameClaims {
		if verified, ok := c["email_verified"].(bool); claim == "email" && ok && !verified {
			continue
		}
		if text, _ := c.find(claim).(string); plain(text, maxName) != "" {
			return plain(text, maxName)
		}
	}
	return plain(subject, maxName)
}

// maxName is the bytes of a name that are kept.
const maxName = 128

// plain returns a text of the provider without control characters, of at most n bytes.
func plain(text string, n int) string {
	text = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, text))
	for len(text) > n {
		_, size := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-size]
	}
	return text
}

// complete adds what the ID token lacks and the provider's userinfo has: many providers keep ID tokens short.
func (p *Provider) complete(ctx context.Context, f *found, subject string, c claims, token *oauth2.Token) error {
	if f.provider.UserInfoEndpoint() == "" || c.find(p.GroupsClaim) != nil && p.nameOf(c, "") != "" {
		return nil
	}
	info, err := f.provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
	var more claims
	if err == nil {
		err = info.Claims(&more)
	}
	if err != nil {
		p.Logger.Warn("the OpenID Connect provider gave no userinfo", "issuer", p.Issuer, "error", err)
		return dkron.Error(dkron.ErrUnavailable, "the provider %s did not say who you are; try again", p.Issuer)
	}
	if info.Subject != subject {
		p.Logger.Warn("the userinfo is about another person than the ID token", "issuer", p.Issuer)
		return dkron.Invalid("the provider sent what can't be accepted; the log of this server says why")
	}
	maps.DeleteFunc(more, func(key string, _ any) bool { _, known := c[key]; return known })
	maps.Copy(c, more)
	return nil
}
