package elasticoutput

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"

	"dkron/plugin"
	"dkron/plugin/keys"
)

const (
	defaultURL   = "http://localhost:9200"
	defaultIndex = "dkron_logs"
)

// entryKeys are the keys of an entry of the file. Jobs have some of them too, from the time before there was the file.
var entryKeys = []string{
	"url", "index", "index_date_format", "username", "password", "tlsNoVerifyPeer", "tlsRootCAsFile", "tlsCertificateFile", "tlsCertificateKeyFile",
}

// Describe returns the description of the keys.
func (p *Processor) Describe() json.RawMessage {
	tls := keys.TLSKeys("tlsNoVerifyPeer")
	return plugin.Schema{
		Description: "Stores the result with its output as a document in Elasticsearch, from the server that leads.",
		Properties: slices.Concat([]plugin.Property{
			{
				Name: "config", Title: "Configuration", Examples: []string{"logs"},
				Description: "Name of an entry of the file dkron-processor-elasticsearch.yml on the servers, which has addresses, an index and a password. With it, the other keys here that say where have no effect.",
			},
			{
				Name: "url", Title: "Addresses", Default: defaultURL, Examples: []string{"https://es1.example.com:9200,https://es2.example.com:9200"},
				Description: "Addresses of servers, separated by commas. They are tried in this order.",
			},
			{
				Name: "index", Title: "Index", Default: defaultIndex,
				Description: "Index of the documents.",
			},
		}, tls, []plugin.Property{plugin.ForwardProperty(), plugin.OnProperty(), plugin.OrderProperty()}),
	}.JSON()
}

// config is where documents go.
type config struct {
	urls               []string
	index, dateFormat  string
	username, password string
	tls                keys.TLS
	err                error
}

// read reads an entry of the file, or the keys of a job, which are the same.
func read(values map[string]string) (c config, found []plugin.Problem) {
	k := keys.Read(values)
	c = config{index: values["index"], dateFormat: values["index_date_format"], username: values["username"], password: values["password"]}
	c.tls = k.TLS("tlsNoVerifyPeer")
	if c.index == "" {
		c.index = defaultIndex
	}
	if c.index != strings.ToLower(c.index) || strings.ContainsAny(c.index, `\/*?"<>| ,#:`) || strings.HasPrefix(c.index, "_") {
		k.Warn("index", "is %s, which Elasticsearch does not take as the name of an index; write lower-case letters, digits, - and _", plugin.Shown(c.index))
	}
	for text := range strings.SplitSeq(values["url"], ",") {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		u, err := url.Parse(text)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" {
			k.Fault("url", plugin.Hopeless, nil, "has something in it that is not the address of a server; write one such as %s", defaultURL)
			continue
		}
		c.urls = append(c.urls, text)
	}
	if len(c.urls) == 0 {
		c.urls = []string{defaultURL}
	}
	c.err = k.Err()
	return c, k.Problems()
}

// checkEntry returns the problems of an entry of the file.
func checkEntry(values map[string]string) []plugin.Problem {
	_, found := read(values)
	return found
}

// checkJob returns the problems of a job's keys.
func checkJob(values map[string]string) (found []plugin.Problem) {
	if values["config"] == "" {
		_, found = read(values)
		for i := range found {
			found[i].Severity = plugin.Odd // v4 stores such jobs
		}
		return found
	}
	for _, key := range entryKeys {
		if values[key] != "" {
			found = append(found, plugin.Problem{Key: key, Text: "has no effect, because config names an entry of dkron-processor-elasticsearch.yml; leave out one of the two"})
		}
	}
	return found
}

// indexFor returns the index of a result: with the day on which it started, say, if there is a format for that.
func (c *config) indexFor(req *plugin.ProcessRequest) string {
	if c.dateFormat == "" {
		return c.index
	}
	at := req.StartedAt
	for _, other := range []time.Time{req.FinishedAt, req.ScheduledAt} {
		if at.IsZero() {
			at = other
		}
	}
	return c.index + at.UTC().Format(c.dateFormat)
}
