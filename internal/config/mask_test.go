package config

import (
	"strings"
	"testing"
)

// What is shown of a setting has no secret, whatever its form.
func FuzzMasks(f *testing.F) {
	f.Add("https://hooks.example/T0", "hush")
	f.Add("Authorization", " Bearer hush")
	f.Add("provider=aws region=eu secret_access_key", "hush")
	f.Add("provider=os password", `"hu \" sh"`)
	f.Fuzz(func(t *testing.T, begin, secret string) {
		if got := maskAll(secret); secret != "" && got != masked {
			t.Errorf("%q is shown as %q", secret, got)
		}
		if strings.TrimSpace(secret) != secret || len(secret) < 4 || strings.Contains(begin+masked, secret) {
			return
		}
		if got := maskHeader(begin + ":" + secret); !strings.Contains(begin, ":") && strings.Contains(got, secret) {
			t.Errorf("the header is shown as %q", got)
		}
		if got := maskURL("https://h.example/" + secret); strings.Contains(got, secret) && !strings.Contains("https://h.example/"+masked, secret) {
			t.Errorf("the URL is shown as %q", got)
		}
		if plain := !strings.ContainsAny(secret, " \t\n\v\f\r\"\u0085\u00a0"); plain {
			if got := maskProvider("provider=x region=eu secret_key=" + secret); strings.Contains(got, secret) && !strings.Contains("provider=x region=eu secret_key="+masked, secret) {
				t.Errorf("the entry is shown as %q", got)
			}
		}
	})
}
