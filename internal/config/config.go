package config

import (
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// Config is the settings of one node. Each field is described by its row in table.go. Make one with Load or Default.
type Config struct {
	Dev bool // one temporary server on loopback; with an empty DataDir the caller provides a temporary one

	Server               bool
	NodeName             string
	Datacenter           string
	Region               string
	Tags                 map[string]string // the result of tag and tags, keys as they were written
	Profile              string
	AcceptCluster        bool
	Bootstrap            bool
	BootstrapExpect      int
	DataDir              string
	RaftLog              string
	RaftMultiplier       int // 1..10 after Load
	ReconcileInterval    time.Duration
	SerfReconnectTimeout time.Duration
	Encrypt              []string // base64; see EncryptKeys
	EncryptMode          string

	AgentRunMaxRetries           int
	AgentRunRetryInitialInterval time.Duration
	AgentRunRetryMaxInterval     time.Duration
	HTTPMaxConnections           int // 0: a share of the file descriptors
	HTTPRate                     int // requests a second of a client; 0: no limit
	MaxRunning                   int // 0: no limit
	DrainTimeout                 time.Duration
	AllowExecutors               []string // empty: any, as in the next four
	ShellAllowSU                 []string
	ShellAllowCommands           []string // paths and patterns
	ShellAllowDirs               []string
	ShellAllowEnv                []string // names and patterns; with ShellAllowCommands, empty is none
	PassEnv                      []string // names of variables
	DenyAddresses                []string // this and the next: see Reach
	AllowAddresses               []string
	ProcessorFilesDir            string
	ProcessorSpoolSize           int // MiB; 0: nothing is kept
	PluginMemoryLimit            int // MiB; 0: no limit
	// PluginDirs is where plugins are looked for, in this order: of several with one name the last counts. It is no setting: the
	// program knows its configuration file and its own folder.
	PluginDirs []string
	// ConfigDirs is where processors look for files with their configurations, in this order: Source.Dirs. It is no setting.
	ConfigDirs []string
	// PluginGuard is what pluginhost.Guard has returned to main. It is no setting either.
	PluginGuard bool

	BindAddr         string // this and the other addresses may hold templates; see Addresses
	AdvertiseAddr    string
	RPCPort          int
	AdvertiseRPCPort int // 0: RPCPort
	HTTPAddr         string
	// FreePorts makes the node listen on ports that are free, whatever the addresses say. It is no setting: it is for
	// programs and tests that embed a node.
	FreePorts bool
	// HTTPAllowedOrigins are origins as browsers name them, such as https://ops.example.com, or "*".
	HTTPAllowedOrigins []string
	// HTTPTrustedProxies are addresses and prefixes; see TrustedProxies.
	HTTPTrustedProxies []string
	// HTTPUserHeader is the header in which these proxies name the user of a request; empty: they name nobody.
	HTTPUserHeader        string
	HTTPGroupsHeader      string
	HTTPHeaderRoles       []string // group=policy; see RolesOf
	HTTPHeaderDefaultRole string
	UI                    bool

	Join          []string
	RetryJoin     []string
	RetryInterval time.Duration
	RetryMax      int // 0: no limit

	MailHost           string
	MailPort           int
	MailUsername       string
	MailPassword       string
	MailFrom           string
	MailPayload        string
	MailSubjectPrefix  string
	AlarmURL           string
	HeartbeatURL       string
	HeartbeatInterval  time.Duration
	PreWebhookEndpoint string
	PreWebhookPayload  string
	PreWebhookHeaders  []string
	WebhookEndpoint    string
	WebhookPayload     string
	WebhookHeaders     []string
	CronitorEndpoint   string

	LogLevel          string // trace, debug, info, warn, error, fatal or panic
	LogFormat         string
	EnablePrometheus  bool
	StatsdAddr        string
	DogStatsdAddr     string
	DogStatsdTags     []string
	OtelEndpoint      string
	OtelTraceURL      string
	DisableUsageStats bool

	Username       string
	Password       string
	JoinSecret     string // see Secret
	AutoTLS        bool
	CertFile       string
	KeyFile        string
	TrustedCAFile  string
	ClientCertAuth bool
	ClientCRLFile  string
	RequireTLS     bool
	SecretsKey     []string // base64; see SecretKeys
	DisableHTTPTLS bool
	ACLEnabled     bool
	ACLOpenMetrics bool
	OIDC           OIDC
	AuditFile      string
	AuditSyslog    string
	Fast           bool
	RaftDuration   int
	FederationMode string

	tag   []string           // as given, before it becomes Tags
	from  map[string]origin  // where each setting that is not a default comes from, by name
	files map[string]*string // paths of files with secrets, by the name of the setting
}

// Default returns the Config without any settings given, except that its NodeName is empty.
func Default() *Config {
	c := &Config{Tags: map[string]string{}, from: map[string]origin{}, files: newFiles()}
	for i := range settings {
		s := &settings[i]
		if s.def == "" || s.aliasOf != "" {
			continue
		}
		if err := s.assign(c, plain(s.def)); err != nil {
			panic("config: default of " + s.name + ": " + err.Error()) // a wrong row; every test finds it
		}
	}
	return c
}

// IsSet reports whether the named setting was given by flag, environment or file.
func (c *Config) IsSet(name string) bool {
	_, ok := c.from[name]
	return ok
}

// WithoutEffect lists the given settings of other releases that have no meaning in this one.
func (c *Config) WithoutEffect() []string { return c.given(ignored) }

func (c *Config) given(is status) []string {
	var names []string
	for _, s := range settings {
		if s.status == is && c.IsSet(s.name) {
			names = append(names, s.name)
		}
	}
	return names
}

// String is Public as text, so that printing a Config never shows a secret.
func (c *Config) String() string {
	public := c.Public()
	var b strings.Builder
	for _, s := range settings {
		if v, ok := public[s.name]; ok {
			fmt.Fprintf(&b, "%s=%v ", s.name, v)
		}
	}
	return strings.TrimSuffix(b.String(), " ")
}

// LogValue is Public, so that logging a Config never shows a secret.
func (c *Config) LogValue() slog.Value { return slog.AnyValue(c.Public()) }
