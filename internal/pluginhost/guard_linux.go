package pluginhost

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

// Of prctl(2).
const (
	setName      = 15
	setSubreaper = 36
)

const (
	// reportLimit is how long the agent waits for the end of what a plugin has left.
	reportLimit = 2 * time.Second
	// killLimit is how long a guard tries to kill what can't be killed, such as another user's process.
	killLimit = time.Minute
)

// self is this program, also if its file was replaced meanwhile.
const self = "/proc/self/exe"

// canGuard reports whether this program can be started as a guard: without /proc it can't.
func canGuard() bool {
	_, err := os.Stat(self)
	return err == nil
}

func guardCommand(cmd *exec.Cmd) *exec.Cmd {
	g := exec.Command(self, cmd.Path)
	g.Args[0] = guardName
	g.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a terminal's interrupt is for the agent
	return g
}

// Guard is called first in a program's main function. If the program was started as a guard, it is one, and does not return.
// Otherwise it returns whether plugins can have guards; that is for Config.Guard. A program that sets Config.Guard without this
// call would start itself again and again.
func Guard() bool {
	if len(os.Args) != 2 || os.Args[0] != guardName {
		return canGuard()
	}
	runtime.LockOSThread() // the kernel kills the plugin when the thread that started it ends
	name := append([]byte(guardName), 0)
	_, _, _ = syscall.Syscall(syscall.SYS_PRCTL, setName, uintptr(unsafe.Pointer(&name[0])), 0) //nolint:gosec // the kernel reads what we have
	syscall.CloseOnExec(lifelineFD)
	syscall.CloseOnExec(newsFD)
	w := &watcher{news: os.NewFile(newsFD, "news"), self: os.Getpid()}
	w.run(os.Args[1])
	os.Exit(0)
	return false
}

// watcher is the work of a guard. Only its goroutine reaps, so no number that it has seen can belong to another process.
type watcher struct {
	news   *os.File
	self   int
	plugin int
	gone   bool // the plugin has ended
	state  syscall.WaitStatus
}

func (w *watcher) say(format string, args ...any) {
	_, _ = fmt.Fprintf(w.news, "%s\n", strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", " "))
}

func (w *watcher) run(path string) {
	ended, asked := make(chan os.Signal, 1), make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGCHLD)
	signal.Notify(asked, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	if _, _, e := syscall.Syscall(syscall.SYS_PRCTL, setSubreaper, 1, 0); e != 0 {
		w.say("failed become the parent of orphans: %v", e)
		return
	}
	var err error
	w.plugin, err = syscall.ForkExec(path, []string{path}, &syscall.ProcAttr{ //nolint:gosec // the agent says what to run
		Env: os.Environ(), Files: []uintptr{0, 1, 2}, Sys: &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL},
	})
	if err != nil {
		w.say("failed %v", &os.PathError{Op: "fork/exec", Path: path, Err: err})
		return
	}
	w.letGo()
	w.say("pid %d", w.plugin)
	cut := make(chan struct{})
	go func() {
		_, _ = os.NewFile(lifelineFD, "lifeline").Read(make([]byte, 1))
		close(cut)
	}()
	for running := true; running && !w.gone; {
		select {
		case <-ended:
			w.reap()
		case <-cut:
			running = false
		case <-asked:
			running = false
		}
	}
	w.killAll()
}

// letGo closes the guard's own copies of the plugin's output: its end must be seen.
func (w *watcher) letGo() {
	null, err := syscall.Open(os.DevNull, syscall.O_RDWR|syscall.O_CLOEXEC, 0)
	if err != nil {
		return
	}
	for _, fd := range []int{1, 2} {
		_ = syscall.Dup3(null, fd, 0)
	}
	_ = syscall.Close(null)
}

// reap takes the processes that have ended, and reports whether any child is left.
func (w *watcher) reap() bool {
	for {
		var state syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &state, syscall.WNOHANG, nil)
		switch {
		case err == syscall.EINTR:
			continue
		case err != nil: // there is no child
			return false
		case pid == 0:
			return true
		case pid == w.plugin:
			w.gone, w.state = true, state
		}
	}
}

// killAll kills the plugin and everything below it: what loses its parent becomes a child of the guard, and is killed next.
func (w *watcher) killAll() {
	if !w.gone {
		_ = syscall.Kill(-w.plugin, syscall.SIGKILL)
	}
	reported := false
	pause := time.Millisecond
	for began := time.Now(); time.Since(began) < killLimit; {
		for _, pid := range children(w.self) {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		if !w.reap() {
			break
		}
		if w.gone && !reported && time.Since(began) > reportLimit {
			reported = true
			w.report()
		}
		time.Sleep(pause)
		pause = min(2*pause, time.Second)
	}
	if !reported {
		w.report()
	}
}

// report says how the plugin ended, as os.ProcessState does.
func (w *watcher) report() {
	switch {
	case !w.gone:
		w.say("ended it could not be killed")
	case w.state.Signaled():
		w.say("ended signal: %v", w.state.Signal())
	default:
		w.say("ended exit status %d", w.state.ExitStatus())
	}
}

// children returns the processes whose parent this is.
func children(parent int) (pids []int) {
	dir, err := os.Open("/proc")
	if err != nil {
		return nil
	}
	defer func() { _ = dir.Close() }()
	names, _ := dir.Readdirnames(-1)
	for _, name := range names {
		pid, err := strconv.Atoi(name)
		if err != nil {
			continue
		}
		stat, err := os.ReadFile("/proc/" + name + "/stat")
		if err != nil {
			continue
		}
		fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:]) // after the name, which may contain anything
		if len(fields) > 1 && string(fields[1]) == strconv.Itoa(parent) {
			pids = append(pids, pid)
		}
	}
	return pids
}
