package app_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"time"

	"dkron/internal/app"
	"dkron/internal/config"
)

// Another program runs a server on free ports, stops it, and starts it again on the same data.
func Example() {
	dir, err := os.MkdirTemp("", "embedded-")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	use := func(do func(url string)) {
		cfg := config.Default()
		cfg.NodeName, cfg.Server, cfg.BootstrapExpect, cfg.DataDir = "n1", true, 1, dir
		cfg.BindAddr, cfg.HTTPAddr, cfg.FreePorts = "127.0.0.1", "127.0.0.1", true
		n, err := app.Start(context.Background(), cfg, "1.2.3", slog.New(slog.DiscardHandler))
		if err != nil {
			fmt.Println(err)
			return
		}
		defer n.Stop()
		url := "http://" + n.HTTPAddr()
		if !ready(url) {
			fmt.Println("not ready in time")
		}
		do(url)
	}
	use(func(url string) {
		resp, err := http.Post(url+"/v1/jobs", "application/json", strings.NewReader(`{"name":"a","schedule":"@daily","executor":"shell"}`))
		if err != nil {
			fmt.Println(err)
			return
		}
		resp.Body.Close()
		fmt.Println("created:", resp.StatusCode)
	})
	use(func(url string) {
		resp, err := http.Get(url + "/v1/jobs/a")
		if err != nil {
			fmt.Println(err)
			return
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		fmt.Println("still there:", resp.StatusCode, strings.Contains(string(body), `"@daily"`))
	})
	// Output:
	// created: 201
	// still there: 200 true
}

func ready(url string) bool {
	for limit := time.Now().Add(15 * time.Second); time.Now().Before(limit); time.Sleep(20 * time.Millisecond) {
		resp, err := http.Get(url + "/ready")
		if err != nil {
			return false
		}
		resp.Body.Close()
		if resp.StatusCode == http.StatusOK {
			return true
		}
	}
	return false
}
