package cluster

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// smallDisk puts a small file system under a node's directory. It skips the test where that is not possible.
func smallDisk(t *testing.T, n *Node, size string) {
	t.Helper()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size="+size, "tmpfs", n.dir).CombinedOutput(); err != nil {
		t.Skipf("no file system can be mounted here: %v: %s", err, out)
	}
	t.Cleanup(func() {
		n.Kill()
		if out, err := exec.Command("umount", "-l", n.dir).CombinedOutput(); err != nil {
			t.Errorf("umount: %v: %s", err, out)
		}
	})
}

// write stores a job at one server and returns status and text of the answer.
func (n *Node) write(name string) (int, string) {
	body := fmt.Sprintf(`{"name":%q,"schedule":"@manually","executor":"shell","metadata":{"fill":%q}}`, name, strings.Repeat("x", 4000))
	client := &http.Client{Timeout: 20 * time.Second}
	resp, err := client.Post("http://"+n.HTTP+"/v1/jobs", "application/json", strings.NewReader(body))
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(text)
}

func TestAFullDiskStopsWritesOnlyAndNothingAcknowledgedIsLost(t *testing.T) {
	c := Start(t, Config{Servers: 1, Cold: true})
	n := c.Servers[0]
	smallDisk(t, n, "192m")
	n.Start()
	c.WaitReady(20 * time.Second)
	var kept []string
	store := func(prefix string, count int) (status int, text string) {
		for i := range count {
			name := fmt.Sprintf("%s-%03d", prefix, i)
			if status, text = n.write(name); status != http.StatusCreated {
				return status, text
			}
			kept = append(kept, name)
		}
		return status, text
	}
	if status, text := store("before", 20); status != http.StatusCreated {
		t.Fatal(status, text)
	}
	filler := filepath.Join(n.dir, "filler")
	fill := func() { // until the disk is full
		f, err := os.OpenFile(filler, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		for size := 1 << 20; size > 0; size /= 2 {
			for err = nil; err == nil; {
				_, err = f.Write(make([]byte, size))
			}
		}
		_ = f.Close()
	}
	fill()
	var status int
	var text string
	Eventually(t, 60*time.Second, "a write is refused", func() bool {
		status, text = store(fmt.Sprintf("during%d", len(kept)), 50)
		return status != http.StatusCreated
	})
	if status != http.StatusServiceUnavailable || !strings.Contains(text, "disk") && !strings.Contains(text, "space") {
		t.Errorf("refused with %d %q, want 503 and what to do about the disk", status, text)
	}
	Eventually(t, 20*time.Second, "the server says that it is not ready", func() bool {
		status, err := c.call(n, http.MethodGet, "/ready", nil, nil)
		return err != nil && status == http.StatusServiceUnavailable
	})
	if _, err := c.call(n, http.MethodGet, "/v1/jobs/before-000", nil, nil); err != nil {
		t.Errorf("reads do not continue: %v", err)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	Eventually(t, 60*time.Second, "service resumes when there is room", func() bool {
		status, _ := n.write("after")
		return status == http.StatusCreated
	})
	check := func(when string) {
		for _, name := range append(kept, "after") {
			if _, err := c.call(n, http.MethodGet, "/v1/jobs/"+name, nil, nil); err != nil {
				t.Errorf("%s: %s, which was acknowledged: %v", when, name, err)
			}
		}
	}
	check("afterwards")
	n.Kill()
	n.Start()
	c.WaitReady(20 * time.Second)
	check("after a crash and a restart")
	t.Logf("%d writes were acknowledged; refused with %q", len(kept), text)
}
