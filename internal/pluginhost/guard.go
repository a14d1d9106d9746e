package pluginhost

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
)

// A guard is a process between the agent and a plugin: this program, started once more. It holds one end of a pipe whose other
// end only the agent has. When that closes, however the agent has ended, the guard kills the plugin and all that the plugin has
// started, in sessions and groups of their own too: the kernel makes the guard the parent of every orphan below it.

// guardName is how a guard is called. It doesn't begin with the agent's name: pkill must not meet both.
const guardName = "plugin-guard"

// Files of a guard, after standard error.
const (
	lifelineFD = 3 // closes when the agent ends, or wants the plugin to
	newsFD     = 4 // the guard's report: pid N, then ended TEXT; or failed TEXT
)

// guarded is the agent's side of a guard.
type guarded struct {
	guard    *exec.Cmd
	lifeline *os.File
	once     sync.Once
	news     *bufio.Reader
	pipe     *os.File // of news
}

// startGuard starts a guard that starts what cmd describes, and returns it and the plugin's number.
func startGuard(cmd *exec.Cmd) (*guarded, int, error) {
	lifeline, ours, err := os.Pipe()
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = lifeline.Close() }()
	news, newsEnd, err := os.Pipe()
	if err != nil {
		return nil, 0, errors.Join(err, ours.Close())
	}
	defer func() { _ = newsEnd.Close() }()
	g := &guarded{guard: guardCommand(cmd), lifeline: ours, news: bufio.NewReader(news), pipe: news}
	g.guard.Env, g.guard.Stdout, g.guard.Stderr = cmd.Env, cmd.Stdout, cmd.Stderr
	g.guard.ExtraFiles = []*os.File{lifeline, newsEnd}
	if err := g.guard.Start(); err != nil {
		g.close()
		return nil, 0, fmt.Errorf("start its guard: %w", err)
	}
	_ = newsEnd.Close() // or the end of the guard would not be seen
	what, text, err := g.next()
	if err == nil && what == "pid" {
		var pid int
		if pid, err = strconv.Atoi(text); err == nil {
			return g, pid, nil
		}
	}
	if err == nil {
		err = errors.New(text)
	}
	g.kill()
	_ = g.guard.Wait()
	g.close()
	return nil, 0, err
}

// next returns the next line of the report.
func (g *guarded) next() (what, text string, err error) {
	line, err := g.news.ReadString('\n')
	if errors.Is(err, io.EOF) {
		return "", "", errors.New("its guard was killed")
	}
	if err != nil {
		return "", "", err
	}
	what, text, _ = strings.Cut(strings.TrimSuffix(line, "\n"), " ")
	return what, text, nil
}

// wait waits for the end of the plugin and of all that it has started, and returns how the plugin ended.
func (g *guarded) wait() error {
	_, text, err := g.next()
	_ = g.guard.Wait() // as process 1 the agent may have reaped it elsewhere
	g.close()
	if err != nil {
		return err
	}
	return errors.New(text)
}

// kill makes the guard end everything.
func (g *guarded) kill() { g.once.Do(func() { _ = g.lifeline.Close() }) }

func (g *guarded) close() {
	g.kill()
	_ = g.pipe.Close()
}
