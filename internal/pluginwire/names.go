package pluginwire

// What both sides of the handshake know. The cookie is no secret: it only tells a plugin that it was not started by hand.
const (
	CookieKey       = "DKRON_PLUGIN_MAGIC_COOKIE"
	CookieValue     = "b29a76488b6f3ca7955c5f769b50641f0fcd88748d8cedecda313d516320ca19"
	ProtocolVersion = 1
)

// What a plugin is dispensed as.
const (
	ExecutorKey  = "executor"
	ProcessorKey = "processor"
)

// Services and methods of gRPC.
const (
	ExecutorService = "types.v1.ExecutorService"
	Execute         = "Execute"

	StatusService = "types.v1.StatusHelperService"
	Update        = "Update"

	// KitService is served by plugins that are made with our kit. Others answer Unimplemented.
	KitService = "dkron.plugin.v1.Executor"
	Describe   = "Describe"
	Check      = "Check"
	Run        = "Run"
)

// Methods of a processor, by net/rpc. Describe and Check are those of KitService by another way; v4 has only Process.
const (
	ProcessorService = "Plugin"
	Process          = "Process"

	// NoMethod begins the answer of a processor that lacks a method. It is a text of package net/rpc.
	NoMethod = "rpc: can't find method "
)

// Method returns the full name of a method.
func Method(service, method string) string { return "/" + service + "/" + method }
