package shell

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// newOutput makes the pipe of a command. The command's end is also open for reading, so that the pipe has a reader as
// long as the command lives: a command that outlives the agent isn't killed by SIGPIPE but at worst blocks until the
// agent adopts it.
func newOutput(p *plan) (output, error) {
	var fds [2]int
	if err := unix.Pipe2(fds[:], unix.O_CLOEXEC); err != nil {
		return output{}, err
	}
	r, w := fds[0], fds[1]
	fail := func(err error) (output, error) {
		unix.Close(r)
		unix.Close(w)
		return output{}, err
	}
	// Only our end may be non-blocking; commands don't expect it.
	if err := unix.SetNonblock(r, true); err != nil {
		return fail(err)
	}
	var stat unix.Stat_t
	if err := unix.Fstat(w, &stat); err != nil {
		return fail(err)
	}
	if both, err := unix.Open("/proc/self/fd/"+strconv.Itoa(w), unix.O_RDWR|unix.O_CLOEXEC, 0); err == nil {
		unix.Close(w)
		w = both
	}
	if c := p.credential(); c != nil {
		// Lets the command open /dev/stdout and /dev/stderr by name; failure is harmless.
		_ = unix.Fchown(w, int(c.Uid), int(c.Gid))
	}
	return output{
		read:  os.NewFile(uintptr(r), "output"),
		child: os.NewFile(uintptr(w), "output"),
		inode: stat.Ino,
	}, nil
}
