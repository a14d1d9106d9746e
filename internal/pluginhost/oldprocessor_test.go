//go:build unix

package pluginhost

import (
	"errors"
	"fmt"
	"net"
	"net/rpc"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	goplugin "github.com/hashicorp/go-plugin"
)

// What follows is made for v4 from the pages of its protocol alone: it knows the library, package gob and the names of the
// fields, and nothing of ours. net/rpc wants the names of the types to be public.

type (
	V4Args struct {
		Execution *V4Execution
		Config    map[string]string
	}
	V4Execution struct {
		JobName    string
		Success    bool
		Output     []byte
		NodeName   string
		Group      int64
		Attempt    uint32
		StartedAt  *V4Time
		FinishedAt *V4Time
	}
	V4Time struct {
		Seconds int64
		Nanos   int32
	}
)

var v4Handshake = goplugin.HandshakeConfig{
	ProtocolVersion: 1, MagicCookieKey: "DKRON_PLUGIN_MAGIC_COOKIE",
	MagicCookieValue: "b29a76488b6f3ca7955c5f769b50641f0fcd88748d8cedecda313d516320ca19",
}

// serveOldProcessor is a plugin made for v4.
func serveOldProcessor() {
	goplugin.Serve(&goplugin.ServeConfig{HandshakeConfig: v4Handshake, Plugins: goplugin.PluginSet{"processor": &v4Plugin{}}})
}

// v4Plugin is both ends of a plugin.
type v4Plugin struct{}

func (*v4Plugin) Server(*goplugin.MuxBroker) (any, error) { return &v4Service{}, nil }

func (*v4Plugin) Client(_ *goplugin.MuxBroker, c *rpc.Client) (any, error) { return c, nil }

// v4Service keeps what a job configures while it works, as processors of v4 do.
type v4Service struct{ tag string }

// Process does what the configuration says.
func (s *v4Service) Process(in V4Args, out *V4Execution) error {
	e := in.Execution
	s.tag = in.Config["tag"]
	switch in.Config["do"] {
	case "say":
		text := fmt.Sprintf("%s %v %s %d %d %d.%d %d.%d by %s: %s", e.JobName, e.Success, e.NodeName, e.Group, e.Attempt,
			e.StartedAt.Seconds, e.StartedAt.Nanos, e.FinishedAt.Seconds, e.FinishedAt.Nanos, in.Config["reporting_node"], e.Output)
		e.Output = []byte(text)
	case "print":
		fmt.Printf("printed: %s", e.Output)
		fmt.Fprintf(os.Stderr, "complained: %s", e.Output)
	case "empty":
		e.Output = nil
	case "tag":
		time.Sleep(30 * time.Millisecond)
		e.Output = []byte(s.tag)
	case "large":
		e.Output = make([]byte, 2<<20)
	case "error":
		return errors.New("no such thing")
	case "exit":
		os.Exit(3)
	case "hang":
		child := exec.Command("sleep", "1000")
		if err := child.Start(); err != nil {
			return err
		}
		note(in.Config["note"], fmt.Sprintf("%d %d", os.Getpid(), child.Process.Pid))
		select {}
	case "wait": // until a file is gone
		note(in.Config["note"], fmt.Sprint(os.Getpid()))
		for there := true; there; time.Sleep(time.Millisecond) {
			_, err := os.Stat(in.Config["note"])
			there = err == nil
		}
	}
	*out = *e
	return nil
}

// note writes a file at once.
func note(path, text string) {
	if err := errors.Join(os.WriteFile(path+".new", []byte(text), 0o600), os.Rename(path+".new", path)); err != nil {
		panic(err)
	}
}

// v4Hosted starts a plugin as an agent of v4 does, and returns what it calls the plugin with.
func v4Hosted(path string) (*rpc.Client, func(), error) {
	client := goplugin.NewClient(&goplugin.ClientConfig{
		HandshakeConfig: v4Handshake, Plugins: goplugin.PluginSet{"processor": &v4Plugin{}}, Cmd: exec.Command(path),
		AllowedProtocols: []goplugin.Protocol{goplugin.ProtocolNetRPC},
	})
	protocol, err := client.Client()
	if err != nil {
		client.Kill()
		return nil, nil, err
	}
	raw, err := protocol.Dispense("processor")
	if err != nil {
		client.Kill()
		return nil, nil, err
	}
	return raw.(*rpc.Client), client.Kill, nil
}

// serveLiar says that it can be called, and answers with something else.
func serveLiar(answer func(net.Conn)) {
	dir := os.Getenv("PLUGIN_UNIX_SOCKET_DIR")
	if dir == "" { // it was started by hand
		os.Exit(1)
	}
	l, err := net.Listen("unix", filepath.Join(dir, "liar"))
	if err != nil {
		panic(err)
	}
	fmt.Printf("1|1|unix|%s|netrpc|\n", filepath.Join(dir, "liar"))
	for {
		c, err := l.Accept()
		if err != nil {
			panic(err)
		}
		go answer(c)
	}
}

func sayGarbage(c net.Conn) {
	for {
		if _, err := c.Write([]byte(strings.Repeat("garbage ", 1000))); err != nil {
			return
		}
	}
}
