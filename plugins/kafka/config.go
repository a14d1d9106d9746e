package kafka

import (
	"errors"
	"net"
	"strconv"
	"strings"
	"time"

	"dkron/plugin"
	"dkron/plugin/keys"
)

const (
	wantBrokers = "it must be one broker or several, separated by commas, such as localhost:9092"
	wantTopic   = "it must be a name of letters, digits, dots, _ and -, such as orders"
	maxTopic    = 249
	noPartition = -1

	acksAll    = "all"
	acksLeader = "leader"
	acksNone   = "none"
)

// config is a job's configuration, checked as far as possible without sending anything.
type config struct {
	*keys.Config
	settings
	topic, key, message string
	headers             []keys.Pair
	partition           int // noPartition: the client chooses
	timeout             time.Duration
}

// settings are those of a client.
type settings struct {
	brokers        string
	tlsOn          bool
	tls            keys.TLS
	user, password string
	mechanism      string
	bearer         bearer
	acks           string
	compression    string
	manual         bool // each message names its partition
}

// clientKey is what executions must share to share a client: the settings, and the state of their files.
type clientKey struct {
	settings
	tlsStamps [3]keys.Stamp
}

// Check returns what is wrong with a configuration. It depends only on config, so that every node gives the same result.
func (*Executor) Check(values map[string]string) []plugin.Problem {
	c := parse(values)
	c.Debug()
	return c.Problems()
}

// parse reads as much as it can despite faults, so that all warnings can be shown.
func parse(values map[string]string) *config {
	c := &config{Config: keys.Read(values)}
	c.brokers = c.Required("brokerAddress", wantBrokers)
	c.topic = c.Required("topic", wantTopic)
	c.key, c.message = c.Text("key"), c.Text("message")
	c.headers = c.Headers()
	c.timeout = c.Timeout()
	c.acks = c.choice("acks", acksAll, map[string]string{"all": acksAll, "-1": acksAll, "leader": acksLeader, "1": acksLeader, "none": acksNone, "0": acksNone})
	c.compression = c.choice("compression", "none", map[string]string{"none": "none", "gzip": "gzip", "snappy": "snappy", "lz4": "lz4", "zstd": "zstd"})
	c.checkBrokers()
	c.checkTopic()
	c.readPartition()
	c.readTLS()
	c.readSASL()
	return c
}

// choice returns the meaning of one of a few words.
func (c *config) choice(key, without string, words map[string]string) string {
	text := c.Text(key)
	if text == "" {
		return without
	}
	meaning, ok := words[strings.ToLower(text)]
	if !ok {
		var shown string
		for _, p := range schema().Properties {
			if p.Name == key {
				shown = strings.Join(p.Enum, ", ")
			}
		}
		c.Fault(key, plugin.Hopeless, nil, "%s is none of %s; write one of them", plugin.Shown(text), shown)
	}
	return meaning
}

func (c *config) checkBrokers() {
	if c.brokers == "" {
		return
	}
	if len(c.seeds()) == 0 {
		c.Fault("brokerAddress", plugin.Hopeless, nil, "names no broker; %s", wantBrokers)
	}
	for _, seed := range c.seeds() {
		host, port, err := net.SplitHostPort(seed)
		n, bad := strconv.ParseUint(port, 10, 16)
		switch {
		case strings.Contains(seed, "://"):
			c.Fault("brokerAddress", plugin.Hopeless, nil, "has a scheme in %s; %s", plugin.Shown(keys.RedactText(seed)), wantBrokers)
		case err == nil && (bad != nil || n == 0):
			c.Fault("brokerAddress", plugin.Hopeless, nil, "has a wrong port in %s; %s", plugin.Shown(seed), wantBrokers)
		case err == nil && host == "":
			c.Fault("brokerAddress", plugin.Hopeless, nil, "has no host in %s; %s", plugin.Shown(seed), wantBrokers)
		case strings.ContainsAny(seed, " /@"):
			c.Fault("brokerAddress", plugin.Hopeless, nil, "has %s, which is not an address; %s", plugin.Shown(keys.RedactText(seed)), wantBrokers)
		default:
			continue
		}
		return
	}
}

// seeds are the brokers that are asked first.
func (s settings) seeds() (seeds []string) {
	for seed := range strings.SplitSeq(s.brokers, ",") {
		if seed = strings.TrimSpace(seed); seed != "" {
			seeds = append(seeds, seed)
		}
	}
	return seeds
}

func (c *config) checkTopic() {
	bad := strings.ContainsFunc(c.topic, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("._-", r)
	})
	if bad || len(c.topic) > maxTopic || c.topic == "." || c.topic == ".." {
		c.Fault("topic", plugin.Hopeless, nil, "%s is not a name that a topic can have; %s", plugin.Shown(c.topic), wantTopic)
	}
}

func (c *config) readPartition() {
	c.partition = noPartition
	if text := c.Text("partition"); text != "" {
		n, err := strconv.ParseUint(text, 10, 31)
		if err != nil {
			c.Fault("partition", plugin.Hopeless, nil, `%s is not the number of a partition; write a number such as "0"`, plugin.Shown(text))
		}
		c.partition, c.manual = int(n), true
	}
}

func (c *config) readTLS() {
	c.tlsOn = c.Bool("tlsEnable", false)
	c.tls = c.TLS("tlsInsecureSkipVerify")
	if c.tlsOn {
		return
	}
	for _, key := range []string{"tlsRootCAsFile", "tlsCertificateFile", "tlsCertificateKeyFile"} {
		if c.Text(key) != "" {
			c.Fault(key, plugin.Odd, nil, `is set without tlsEnable, so every execution fails; set tlsEnable to "true", or remove it`)
			return
		}
	}
	if c.tls.NoVerify {
		c.Warn("tlsInsecureSkipVerify", `means nothing without tlsEnable; set tlsEnable to "true", or remove it`)
	}
	c.tls = keys.TLS{}
}

var (
	errMechanism = errors.New("invalid SASL mechanism, must be 'sha256' or 'sha512'")
	errHalfUser  = errors.New("saslUsername and saslPassword must be set together")
)

func (c *config) readSASL() {
	c.user, c.password, c.mechanism = c.Text("saslUsername"), c.Text("saslPassword"), c.Text("saslMechanism")
	if c.readBearer() {
		return
	}
	switch {
	case (c.user == "") != (c.password == ""):
		set, other := "saslUsername", "saslPassword"
		if c.user == "" {
			set, other = other, set
		}
		c.Fault(set, plugin.Odd, errHalfUser, "is set without %s, so every execution fails; set both or none", other)
	case c.user == "" && c.mechanism != "":
		c.Warn("saslMechanism", "means nothing without saslUsername and saslPassword; set them, or remove it")
	case c.user != "" && c.mechanism != "sha256" && c.mechanism != "sha512" && c.mechanism != "plain":
		c.Fault("saslMechanism", plugin.Hopeless, errMechanism, "must be sha256, sha512, plain or oauthbearer; write one of them")
	case c.mechanism == "plain" && !c.tlsOn:
		c.Warn("saslMechanism", "plain sends the password so that everybody on the way can read it; set tlsEnable, or use sha512")
	}
	if c.user == "" {
		c.mechanism = ""
	}
}

// clientKey returns what executions must share to share a client. Every file must exist.
func (c *config) clientKey() (k clientKey, err error) {
	k.settings = c.settings
	k.tlsStamps, err = c.tls.Stamps()
	return k, err
}
