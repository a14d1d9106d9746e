package layers

// module is the path of the module, and that of its root package.
const module = "dkron"

// Floors of the house. Imports go down only: never up, and never sideways except as listed below.
const (
	primitive  = iota // 0: schedule language, wall clock, wire form, heap
	vocabulary        // 1: the words
	ground            // 2: what everything stands on
	log               // 3: what the log can say
	logic             // 4: small interfaces of their own, no foreign engine
	adapter           // 5: one foreign engine each
	root              // 6: composition
	door              // 7: programs, tests of the whole, generators
)

// floors is every package. One that ends in /... covers those below it.
var floors = map[string]int{
	"api":                      primitive, // the description of the HTTP API
	"cron":                     primitive,
	"internal/clock":           primitive,
	"internal/codec":           primitive,
	"internal/codec/codectest": vocabulary, // proves in other packages' tests that wire forms stay
	"plugin":                   primitive,  // the executor interface
	"internal/compat":          primitive,  // release, data format, protocol
	"internal/certtest":        primitive,  // certificates for tests
	"internal/toytest":         primitive,  // files that tests add to a module
	"internal/porttest":        primitive,  // ports for tests
	"internal/queue":           primitive,
	"internal/near":            primitive,
	"internal/reach":           primitive, // which addresses are called
	"internal/jobfile":         primitive, // the text of a file of jobs, and the places of its parts

	"": vocabulary, // package dkron

	"internal/liblog":        vocabulary, // what libraries of HashiCorp log through
	"internal/pluginwire":    vocabulary, // what goes between an agent and a plugin
	"plugin/keys":            vocabulary, // what executors have in common
	"internal/secret":        vocabulary, // references to secrets, sealed values, masked outputs
	"internal/mail":          vocabulary, // messages by SMTP
	"internal/mail/mailtest": vocabulary, // a real mail server for tests
	"internal/syslogtest":    vocabulary, // a real syslog daemon for tests
	"builtin/internal/named": vocabulary, // files with the configurations of processors
	"builtin/internal/post":  vocabulary, // documents to web services
	"plugin/serve":           ground,     // what makes a program a plugin

	"internal/state":     ground,
	"internal/config":    ground,
	"internal/telemetry": ground,
	"internal/limit":     ground,
	"internal/identity":  ground,
	"internal/nodetls":   ground, // certificates of nodes
	"internal/vitals":    ground,
	"internal/spool":     ground, // whole outputs, for processors on this node
	"internal/roster":    ground,
	"internal/executor":  ground,
	"builtin":            ground,
	"internal/request":   ground,
	"internal/respond":   ground, // how answers of HTTP are written
	"internal/index":     ground,
	"builtin/...":        ground,

	"internal/command": log,

	"internal/scheduler":      logic,
	"internal/rerun":          logic,
	"internal/deliver":        logic, // ended executions to the processors of their jobs, and to people
	"internal/notify":         logic, // the channels through which people are notified
	"internal/alarm":          logic, // what a cluster says outside of its log
	"internal/objective":      logic, // how jobs meet the objectives that people set them
	"internal/courier":        logic, // composes messages, and carries them to channels
	"internal/dispatch":       logic,
	"internal/leader":         logic,
	"internal/control":        logic,
	"internal/proxy":          logic,
	"internal/agent":          logic,
	"internal/relay":          logic,
	"internal/trace":          logic,      // spans to a collector
	"internal/trace/otlptest": vocabulary, // a collector for tests
	"internal/membership":     logic,
	"internal/standing":       logic,
	"internal/plugins":        logic, // which plugins nodes have, and how these are doing

	"internal/feed":       logic,
	"internal/follow":     logic, // the output of an execution, as it is written
	"internal/forecast":   logic,
	"internal/suggest":    logic,
	"internal/history":    logic,
	"internal/jobform":    logic,
	"internal/review":     logic, // what is wrong with jobs before they are written
	"internal/apidoc":     logic, // the API's description, and the page that shows it
	"internal/launchform": logic,
	"internal/access":     logic, // who may do what
	"internal/authority":  logic, // the cluster's own certificates
	"internal/keyring":    logic, // the keys of gossip
	"internal/example":    logic, // the job of a throwaway server
	"internal/vault":      logic, // the values of secrets, for what may use them
	"internal/audit":      logic, // who changed what
	"internal/httpserver": logic, // limits and rules of every HTTP face

	"internal/consensus":  adapter,
	"internal/gossip":     adapter,
	"internal/rpc":        adapter,
	"internal/pluginhost": adapter,
	"internal/httpapi":    adapter,
	"internal/aclapi":     adapter, // the endpoints of access control, and the gate before all
	"internal/openid":     adapter, // who somebody is, by an OpenID Connect provider
	"internal/noticeapi":  adapter, // endpoints of channels and rules
	"internal/secretapi":  adapter, // endpoints of secrets
	"internal/auditapi":   adapter, // endpoint of the audit, and what is refused
	"internal/webui":      adapter,
	"internal/figures":    adapter, // what metrics read from the rooms

	"internal/app": root,

	"internal/pluginhost/trialtest": root, // tries plugins in the tests of their modules

	"cmd/dkron":          door,
	"plugin/example/...": door,
	"internal/layers":    door,
	"docs/gen":           door,
	"test/...":           door,
}

// sideways is what may be imported on the same floor or above, and why. Keep it short.
var sideways = map[edge]string{
	{"builtin", "builtin/..."}:              "the table names the executors that are in its folder",
	{"test/...", "test/..."}:                "suites share the cluster harness",
	{"internal/state", "internal/index"}:    "state fills the index of jobs, which knows nothing of it",
	{"internal/review", "internal/jobform"}: "a review is of jobs as a file has them",
	{"internal/audit", "internal/jobform"}:  "a record shows a job as clients read it",
}

type edge struct{ from, to string }

// importers is who alone may import a package, where the floor does not say enough.
var importers = map[string]struct {
	by  []string
	why string
}{
	"internal/command": {[]string{"internal/control", "internal/app"}, "control builds commands, app feeds the machine"},
	"internal/app":     {[]string{"cmd/dkron", "test/..."}, "it is the composition root"},
	"internal/proxy":   {[]string{"internal/app"}, "only app decides what is forwarded: a forwarded request must not be forwarded again"},
}

// imports is all of ours that a package may import, where the floor does not say enough.
var imports = map[string][]string{
	"plugin":                 {}, // authors of executors see nothing of the house
	"plugin/keys":            {"plugin"},
	"plugin/serve":           {"plugin", "internal/pluginwire"},
	"internal/pluginwire":    {"internal/codec"},
	"internal/pluginhost":    {"", "plugin", "internal/liblog", "internal/plugins", "internal/pluginwire"},
	"internal/plugins":       {"", "internal/codec", "plugin"},
	"plugin/example/...":     {"plugin", "plugin/serve"}, // what an author of a plugin has
	"builtin":                {"plugin", "builtin/...", "internal/reach"},
	"builtin/...":            {"plugin", "plugin/keys", "builtin/internal/named", "builtin/internal/post", "internal/mail", "internal/reach"}, // built-in executors are as far away as those of others
	"builtin/internal/named": {"plugin", "internal/near"},
	"builtin/internal/post":  {"internal/reach"},
	"internal/mail":          {},
	"internal/reach":         {},
	"internal/leader":        {},
	"internal/nodetls":       {},
	"internal/notify":        {"", "internal/mail", "internal/near", "internal/reach", "internal/secret", "plugin"},
	"internal/secret":        {}, // it stores nothing, and calls nobody
	"internal/vault":         {"", "internal/nodetls", "internal/secret", "internal/state"},
	"internal/secretapi":     {"", "internal/httpserver", "internal/request", "internal/respond", "internal/secret", "internal/state", "internal/vault"},
	"internal/audit":         {"", "internal/clock", "internal/codec", "internal/jobform", "internal/roster", "internal/state"},
	"internal/auditapi":      {"", "internal/audit", "internal/clock", "internal/httpserver", "internal/respond", "internal/state"},
	"internal/courier":       {"", "internal/clock", "internal/state"},
	"internal/alarm":         {"internal/clock", "plugin"},
	"internal/objective":     {"", "cron", "internal/index", "internal/state", "plugin"},
	"internal/noticeapi":     {"", "internal/httpserver", "internal/near", "internal/request", "internal/respond", "internal/state"},
	"internal/spool":         {""},
	"internal/trace":         {"", "internal/request"},
	"internal/request":       {"", "internal/codec"}, // what is asked, not how it is done
	"internal/respond":       {""},                   // the kinds of errors, no data
	"internal/index":         {"", "internal/codec"},
	"internal/feed":          {"", "internal/respond", "internal/state"},
	"internal/follow":        {"", "internal/respond", "internal/state"},
	"internal/forecast":      {"", "cron", "internal/index"}, // the future alone: no state
	"internal/suggest":       {"internal/index"},
	"internal/history":       {"", "internal/index", "internal/state"},
	"internal/jobform":       {"", "internal/jobfile", "internal/near", "internal/respond"}, // near: what an unknown field may mean; respond: how JSON has times, and what of a client's words is repeated
	"internal/launchform":    {"", "internal/respond"},
	"internal/review":        {"", "internal/jobform", "internal/near", "internal/respond", "internal/secret", "internal/state"},
	"internal/apidoc":        {"", "api", "internal/respond"},
	"internal/httpserver":    {"", "internal/limit", "internal/respond"},
	"internal/webui":         {"internal/respond"}, // the page is a client like any other: what serves it knows no data
	"internal/authority":     {"", "internal/codec", "internal/nodetls", "internal/roster", "internal/state"},
	"internal/keyring":       {"", "internal/codec", "plugin"},
	"internal/example":       {"", "internal/request"},
	"internal/access":        {"", "internal/clock", "internal/index", "internal/limit", "internal/request", "internal/state"},
	"internal/openid":        {"", "internal/clock", "internal/secret"}, // it stores nothing, and answers nobody
	"internal/aclapi":        {"", "internal/access", "internal/httpserver", "internal/request", "internal/respond", "internal/state"},
	"internal/httpapi":       {"", "internal/access", "internal/apidoc", "internal/clock", "internal/executor", "internal/feed", "internal/follow", "internal/forecast", "internal/history", "internal/httpserver", "internal/index", "internal/jobfile", "internal/jobform", "internal/launchform", "internal/limit", "internal/objective", "internal/plugins", "internal/request", "internal/respond", "internal/review", "internal/roster", "internal/standing", "internal/state", "internal/suggest"},
}

// engines is every library, and the rooms that may import it in code that is not a test.
var engines = map[string][]string{
	"github.com/hashicorp/raft":           {"internal/consensus"},
	"github.com/hashicorp/raft-boltdb/v2": {"internal/consensus"},
	"github.com/hashicorp/raft-wal":       {"internal/consensus"},
	"github.com/hashicorp/go-hclog":       {"internal/liblog", "internal/consensus", "internal/pluginhost"}, // what raft and go-plugin log through
	"github.com/hashicorp/go-plugin":      {"internal/pluginhost", "plugin/serve", "test/..."},              // tests: a host as Dkron v4 is
	"github.com/hashicorp/serf":           {"internal/gossip"},
	"github.com/hashicorp/memberlist":     {"internal/gossip"},
	"github.com/hashicorp/go-msgpack":     {"internal/gossip"}, // how serf writes tags
	"go.opentelemetry.io/collector/pdata": {"internal/trace/otlptest"},
	"go.opentelemetry.io/proto/otlp":      {"internal/trace/otlptest"},
	"go.etcd.io/bbolt":                    {"internal/state", "internal/consensus"}, // consensus: options of the log engine "bolt"
	"google.golang.org/grpc":              {"internal/rpc", "internal/pluginhost", "internal/pluginwire", "plugin/serve", "internal/trace/otlptest"},
	"google.golang.org/protobuf":          {"internal/codec", "internal/pluginwire", "internal/pluginhost", "internal/trace", "internal/trace/otlptest"}, // pluginhost: a test that knows only bytes; trace: OTLP
	"github.com/prometheus/client_golang": {"internal/telemetry"},
	"github.com/prometheus/common":        {"internal/telemetry"}, // the text format
	"github.com/prometheus/client_model":  {"internal/telemetry"}, // what a scrape is made of
	"github.com/hashicorp/go-metrics":     {"internal/telemetry"}, // what the libraries for Raft and gossip count with
	"github.com/shirou/gopsutil/v4":       {"internal/vitals"},
	"github.com/spf13/cobra":              {"cmd/dkron"},
	"github.com/spf13/pflag":              {"internal/config"},
	"github.com/hashicorp/go-sockaddr":    {"internal/config"},
	"github.com/pelletier/go-toml/v2":     {"internal/config"},
	"github.com/klauspost/compress":       {"internal/consensus", "internal/respond", "internal/httpapi", "test/..."},
	"github.com/pb33f":                    {"test/..."},        // answers against the API's description
	"github.com/swaggest/swgui":           {"internal/apidoc"}, // files of the page that shows it
	"go.yaml.in/yaml/v3":                  {"internal/config", "internal/jobfile", "api", "builtin/internal/named"},
	"golang.org/x/sys":                    {"internal/agent", "builtin/..."}, // fdatasync; process trees
	"net/http":                            {"internal/respond", "internal/httpserver", "internal/apidoc", "internal/feed", "internal/httpapi", "internal/aclapi", "internal/noticeapi", "internal/auditapi", "internal/webui", "internal/relay", "internal/app", "internal/telemetry", "internal/notify", "internal/reach", "internal/secretapi", "internal/openid", "internal/pluginhost/trialtest", "internal/trace", "internal/trace/otlptest", "builtin/...", "builtin/internal/post", "test/..."},
	"github.com/wneessen/go-mail":         {"internal/mail"},
	"github.com/coreos/go-oidc/v3":        {"internal/openid"},
	"github.com/zitadel/oidc/v3":          {"test/..."}, // a provider for tests
	"golang.org/x/oauth2":                 {"internal/openid"},
	"golang.org/x/time":                   {"internal/limit"},
}

// testEngines may be imported by tests, anywhere.
var testEngines = []string{
	"github.com/google/go-cmp",
	"github.com/prometheus/client_golang/prometheus/testutil",
	"github.com/robfig/cron/v3",
	"github.com/rogpeppe/go-internal",
	"go.uber.org/goleak",
	"pgregory.net/rapid",
	"net/http",
}

// pure is the packages whose results must depend only on their arguments, and what they may not use.
var pure = map[string]ban{
	// Instants and random numbers are arguments of the vocabulary; it writes nothing anywhere.
	"": {calls: clock, imports: []string{"os", "net", "log", "syscall", "io/ioutil", "crypto/rand"}, random: true},
	// The same schedule and instant give the same answer on every server.
	"cron": {calls: clock, imports: []string{"os", "net", "log", "syscall", "math/rand", "math/rand/v2", "crypto/rand"}},
	// Replicas must arrive at the same bytes.
	"internal/codec":   {calls: clock, imports: []string{"os", "net", "log", "syscall", "math/rand", "math/rand/v2", "crypto/rand"}},
	"internal/command": {calls: clock, imports: []string{"os", "net", "math/rand", "math/rand/v2", "crypto/rand"}},
	"internal/state":   {calls: clock, imports: []string{"net", "log", "math/rand", "math/rand/v2", "crypto/rand"}},
}

type ban struct {
	calls   []string // package.Name
	imports []string // and what is below them
	random  bool     // of math/rand only the type Rand may be named: somebody else makes one
}

var clock = []string{"time.Now", "time.Since", "time.Until", "clock.Now", "clock.Until"}

// small is packages with a lower limit of lines than others.
var small = map[string]struct {
	lines int
	why   string
}{
	"internal/app": {1400, "it builds rooms, starts and stops them: what decides something belongs to a room"},
}

// oversize is the files, functions (file:name) and packages that are larger than size_test.go allows, and why.
var oversize = map[string]string{
	"cmd/dkron/notice_test.go:TestChannelsRulesSilencesAlertsAndMessagesByCommands":             story,
	"internal/agent/cluster_test.go:TestResultsAreNotGivenToAnotherCluster":                     story,
	"internal/agent/journal_test.go:TestCrashAndRotationKeepWhatMatters":                        "a model and its actions, which share what they know",
	"internal/agent/restart_test.go:TestRestartTakesUpWhatWasLeft":                              story,
	"internal/agent/restart_test.go:TestJournalRewrittenDuringResultsAndNewLeadersLosesNothing": story,
	"test/cluster/disk_test.go:TestAFullDiskStopsWritesOnlyAndNothingAcknowledgedIsLost":        story,
	"test/cluster/follow_test.go:TestOutputIsFollowedThroughKillsOfTheLeaderWithoutAHole":       story,
	"test/cluster/history_test.go:TestTheStatesFilesAreBoundedAndGiveSpaceBack":                 story,
	"test/cluster/orphan_test.go:TestWhatRunsOfADeletedJobIsReachedThroughFailoverAndRestart":   story,
	"test/cluster/processor_test.go:TestOutputsAreDeliveredAfterTheLeaderDied":                  story,
	".":                  "the vocabulary grows with what people can write and with what goes over wires: each record has its file, and none acts",
	"internal/state":     "its tables change in one transaction, and each has a file: what only reads several of them belongs elsewhere",
	"internal/command":   "a file for each thing that the log can say, with its Apply: they share the words and the helpers of one transaction",
	"internal/consensus": "what is around one engine: its log store, its transport and its snapshots are useless without it",
}

const story = "one story on real nodes or in a bubble, told in order"
