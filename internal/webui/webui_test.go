package webui_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"dkron/internal/webui"
)

const page = `<!doctype html><base href="./" /><meta name="csp-nonce" content="__CSP_NONCE__" /><script nonce="__CSP_NONCE__"></script>`

// built is a page as the tool builds it.
func built() fstest.MapFS {
	return fstest.MapFS{
		".keep":                    {Data: []byte("kept")},
		"index.html":               {Data: []byte(page)},
		"index.html.gz":            {Data: []byte("stale")},
		"favicon.svg":              {Data: []byte("<svg/>")},
		"favicon.svg.gz":           {Data: []byte("gzip of svg")},
		"assets/app-1a2b.js":       {Data: []byte("plain")},
		"assets/app-1a2b.js.gz":    {Data: []byte("of gzip")},
		"assets/style-3c4d.css":    {Data: []byte("style")},
		"assets/style-3c4d.css.gz": {Data: []byte("style of gzip")},
		"assets/font-5e6f.woff2":   {Data: []byte("font")},
		"assets/blob-7a8b.strange": {Data: []byte("<html>")},
	}
}

// answer is what a request brought.
type answer struct {
	t      *testing.T
	asked  string
	status int
	header http.Header
	body   string
}

// ask sends a request to what files make of a server; header lines are written as they are sent.
func ask(t *testing.T, files fs.FS, method, target string, header ...string) *answer {
	t.Helper()
	mux := http.NewServeMux()
	for pattern, h := range webui.New(files) {
		mux.Handle(pattern, h)
	}
	req := httptest.NewRequest(method, target, nil)
	for _, line := range header {
		name, value, _ := strings.Cut(line, ": ")
		req.Header.Add(name, value)
	}
	out := httptest.NewRecorder()
	mux.ServeHTTP(out, req)
	return &answer{t, method + " " + target + " " + strings.Join(header, ", "), out.Code, out.Header(), out.Body.String()}
}

func get(t *testing.T, target string, header ...string) *answer {
	t.Helper()
	return ask(t, built(), "GET", target, header...)
}

func (a *answer) want(status int) *answer {
	a.t.Helper()
	if a.status != status {
		a.t.Errorf("%s: status %d, want %d", a.asked, a.status, status)
	}
	return a
}

func (a *answer) wantHeader(name, value string) *answer {
	a.t.Helper()
	if got := a.header.Get(name); got != value {
		a.t.Errorf("%s: %s is %q, want %q", a.asked, name, got, value)
	}
	return a
}

func (a *answer) wantBody(body string) *answer {
	a.t.Helper()
	if a.body != body {
		a.t.Errorf("%s: body %q, want %q", a.asked, a.body, body)
	}
	return a
}

var nonceOf = regexp.MustCompile(`content="([^"]+)"`)

// nonce returns the nonce of a page.
func (a *answer) nonce() string {
	a.t.Helper()
	found := nonceOf.FindStringSubmatch(a.body)
	if found == nil {
		a.t.Fatalf("%s: no nonce in %q", a.asked, a.body)
	}
	return found[1]
}

func TestTheRootLeadsBrowsersToThePage(t *testing.T) {
	for _, accept := range []string{
		"text/html", "*/*", "text/*;q=0.1", "", "TEXT/HTML;q=0.5, application/json", "text/html;level=1;q=0, text/html",
		"text/html, text/html;level=1;q=0",
		"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
	} {
		get(t, "/", "Accept: "+accept).want(303).wantHeader("Location", "ui/").wantHeader("Vary", "Accept")
	}
	get(t, "/").want(303)
}

func TestTheRootIsNothingToProgramsThatWantNoHTML(t *testing.T) {
	for _, accept := range []string{"application/json", "text/plain", "text/html;q=0, */*", "*/*;q=0", "text/*; Q=0.0, application/json"} {
		get(t, "/", "Accept: "+accept).want(404).wantBody("").wantHeader("Content-Length", "0").wantHeader("Content-Type", "").
			wantHeader("Location", "").wantHeader("Vary", "Accept")
	}
}

func TestThePageWithoutItsSlashIsRedirected(t *testing.T) {
	get(t, "/ui").want(301).wantHeader("Location", "ui/").wantBody("")
	get(t, "/ui?a=b%20c").want(301).wantHeader("Location", "ui/?a=b%20c")
}

func TestRedirectsHoldBehindAPrefix(t *testing.T) {
	for _, path := range []string{"/", "/ui"} {
		for _, prefix := range []string{"https://a.example", "https://a.example/team/dkron"} {
			asked, _ := url.Parse(prefix + path)
			to, err := asked.Parse(get(t, path).header.Get("Location"))
			if err != nil || to.String() != prefix+"/ui/" {
				t.Errorf("%s leads to %s, %v", asked, to, err)
			}
		}
	}
}

func TestEveryPathThatIsNoFileIsThePage(t *testing.T) {
	for _, path := range []string{
		"/ui/", "/ui/index.html", "/ui/jobs", "/ui/jobs/some-job", "/ui/jobs/a.b", "/ui/jobs/a%2Fb", "/ui/.keep", "/ui/index.html.gz",
		"/ui/favicon.svg.gz", "/ui/assets", "/ui/favicon.svg/x", "/ui/none.js",
	} {
		a := get(t, path).want(200).wantHeader("Content-Type", "text/html; charset=utf-8").wantHeader("Cache-Control", "no-cache").
			wantHeader("Etag", "").wantHeader("Vary", "Accept-Encoding")
		if !strings.HasPrefix(a.body, "<!doctype html>") {
			t.Errorf("%s: %q", path, a.body)
		}
	}
}

func TestThePageFindsItsFilesFromEveryDepthAndBehindAPrefix(t *testing.T) {
	hrefOf := regexp.MustCompile(`<base href="([^"]*)" />`)
	for path, want := range map[string]string{
		"/ui/": "./", "/ui/jobs": "./", "/ui/jobs/": "../", "/ui/jobs/x": "../", "/ui/jobs/x/runs/1": "../../../", "/ui/jobs/a%2Fb%2Fc": "../",
		"/ui/jobs?at=/a/b": "./",
	} {
		href := hrefOf.FindStringSubmatch(get(t, path).want(200).body)
		if href == nil || href[1] != want {
			t.Errorf("%s: base %q, want %q", path, href, want)
			continue
		}
		asked, _ := url.Parse("https://a.example/team" + path)
		base, _ := asked.Parse(href[1])
		if base.String() != "https://a.example/team/ui/" {
			t.Errorf("%s: the base is %s", path, base)
		}
	}
}

func TestEachPageHasANonceOfItsOwn(t *testing.T) {
	seen := make(map[string]bool)
	for range 50 {
		a := get(t, "/ui/")
		nonce := a.nonce()
		if len(nonce) < 22 || seen[nonce] {
			t.Fatalf("nonce %q", nonce)
		}
		seen[nonce] = true
		if strings.Contains(a.body, "__CSP_NONCE__") || strings.Count(a.body, `"`+nonce+`"`) != 2 {
			t.Errorf("%q", a.body)
		}
		a.wantHeader("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-"+nonce+"'; "+
			"img-src 'self' data:; font-src 'self'; connect-src 'self'; "+
			"manifest-src 'self'; base-uri 'self'; form-action 'none'; frame-ancestors 'none'")
	}
}

func TestEveryDocumentBelowThePageIsGuarded(t *testing.T) {
	for _, path := range []string{"/ui/", "/ui/jobs/x", "/ui/favicon.svg", "/ui/assets/blob-7a8b.strange", "/ui/assets/none.js"} {
		a := get(t, path).wantHeader("X-Content-Type-Options", "nosniff").wantHeader("Referrer-Policy", "no-referrer").
			wantHeader("X-Frame-Options", "DENY").wantHeader("Cross-Origin-Opener-Policy", "same-origin")
		policy, permissions := a.header.Get("Content-Security-Policy"), a.header.Get("Permissions-Policy")
		if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: policy %q", path, policy)
		}
		if !strings.Contains(permissions, "camera=()") || strings.Contains(permissions, "clipboard-write") {
			t.Errorf("%s: permissions %q", path, permissions)
		}
	}
}

// The page loads dozens of scripts and styles: what a browser heeds only in documents would be a tenth of the first load.
func TestScriptsAndStylesHaveNoHeadersOfDocuments(t *testing.T) {
	for _, path := range []string{"/ui/assets/app-1a2b.js", "/ui/assets/style-3c4d.css", "/ui/assets/font-5e6f.woff2"} {
		a := get(t, path).want(200).wantHeader("X-Content-Type-Options", "nosniff")
		size := 0
		for name, values := range a.header {
			size += len(name) + len(strings.Join(values, "")) + len(": \r\n")
		}
		if size > 300 {
			t.Errorf("%s: %d bytes of headers: %v", path, size, a.header)
		}
	}
}

func TestThePageIsPackedForWhoReadsGzip(t *testing.T) {
	a := get(t, "/ui/jobs", "Accept-Encoding: gzip, deflate, br").want(200).wantHeader("Content-Encoding", "gzip")
	in, err := gzip.NewReader(strings.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(in)
	if err != nil || !strings.HasPrefix(string(body), "<!doctype html>") {
		t.Errorf("%q, %v", body, err)
	}
	get(t, "/ui/jobs", "Accept-Encoding: br").wantHeader("Content-Encoding", "")
}

func TestFilesComeInTheCodingThatTheClientLikesBest(t *testing.T) {
	const script, style = "/ui/assets/app-1a2b.js", "/ui/assets/style-3c4d.css"
	for _, c := range []struct{ path, accept, coding, body string }{
		{script, "gzip, deflate, br, zstd", "gzip", "of gzip"},
		{script, "br;q=0.5, gzip;q=0.9", "gzip", "of gzip"},
		{script, "GZIP ; q=0.001", "gzip", "of gzip"},
		{script, "*", "gzip", "of gzip"},
		{script, "br;q=0, *;q=0.1", "gzip", "of gzip"},
		{script, "*;q=0", "", "plain"},
		{script, "identity, gzip;q=0.5", "", "plain"},
		{script, "identity, gzip", "gzip", "of gzip"},
		{script, "br", "", "plain"},
		{script, "identity;q=0", "", "plain"}, // better than nothing
		{script, "", "", "plain"},
		{script, "gzip;q=NaN", "gzip", "of gzip"},
		{style, "gzip, br", "gzip", "style of gzip"},
		{style, "br", "", "style"},
		{"/ui/assets/font-5e6f.woff2", "gzip, br", "", "font"},
	} {
		get(t, c.path, "Accept-Encoding: "+c.accept).want(200).wantHeader("Content-Encoding", c.coding).wantBody(c.body).
			wantHeader("Vary", "Accept-Encoding")
	}
}

func TestAFileThatIsStoredOnlyPackedIsUnpackedForWhoReadsNoCoding(t *testing.T) {
	var packed bytes.Buffer
	to := gzip.NewWriter(&packed)
	to.Write([]byte("all of it"))
	to.Close()
	files := built()
	files["assets/look-9f.js.gz"] = &fstest.MapFile{Data: packed.Bytes()}
	ask(t, files, "GET", "/ui/assets/look-9f.js").want(200).wantBody("all of it").wantHeader("Content-Type", "text/javascript; charset=utf-8").
		wantHeader("Content-Encoding", "")
	ask(t, files, "GET", "/ui/assets/look-9f.js", "Range: bytes=0-2").want(206).wantBody("all")
	ask(t, files, "GET", "/ui/assets/look-9f.js", "Accept-Encoding: br").want(200).wantBody("all of it")
	ask(t, files, "GET", "/ui/assets/look-9f.js", "Accept-Encoding: gzip").want(200).wantBody(packed.String())
	ask(t, files, "GET", "/ui/assets/look-9f.js.gz").want(404)
}

func TestFilesHaveTheirTypes(t *testing.T) {
	for path, kind := range map[string]string{
		"assets/app-1a2b.js": "text/javascript; charset=utf-8", "assets/style-3c4d.css": "text/css; charset=utf-8",
		"assets/font-5e6f.woff2": "font/woff2", "favicon.svg": "image/svg+xml", "assets/blob-7a8b.strange": "application/octet-stream",
	} {
		for _, coding := range []string{"identity", "gzip"} {
			get(t, "/ui/"+path, "Accept-Encoding: "+coding).want(200).wantHeader("Content-Type", kind)
		}
	}
}

func TestAssetsAreKeptForEver(t *testing.T) {
	get(t, "/ui/assets/app-1a2b.js").want(200).wantHeader("Cache-Control", "public, max-age=31536000, immutable")
}

func TestAMissingAssetIsNoPage(t *testing.T) {
	for _, path := range []string{"none-9.js", "", "deep/none.css", "app-1a2b.js.gz", ".hidden"} {
		get(t, "/ui/assets/"+path).want(404).wantHeader("Content-Type", "text/plain; charset=utf-8").wantBody("404 page not found").
			wantHeader("Cache-Control", "no-store")
	}
}

func TestOtherFilesAreAskedForAgain(t *testing.T) {
	plain := get(t, "/ui/favicon.svg").want(200).wantBody("<svg/>").wantHeader("Cache-Control", "no-cache").header.Get("Etag")
	packed := get(t, "/ui/favicon.svg", "Accept-Encoding: gzip").want(200).header.Get("Etag")
	if plain == "" || packed == "" || plain == packed {
		t.Fatalf("tags %q and %q", plain, packed)
	}
	for _, had := range []string{plain, `"x", W/` + plain, "*"} {
		get(t, "/ui/favicon.svg", "If-None-Match: "+had).want(304).wantBody("").wantHeader("Etag", plain).wantHeader("Content-Type", "").
			wantHeader("Content-Length", "").wantHeader("Vary", "Accept-Encoding")
	}
	get(t, "/ui/favicon.svg", "If-None-Match: "+packed).want(200).wantBody("<svg/>")
	get(t, "/ui/favicon.svg", "If-None-Match: "+packed, "Accept-Encoding: gzip").want(304).wantHeader("Content-Encoding", "")
}

// A real server is asked, which is what drops the bodies and tells lengths.
func TestHeadAnswersLikeGet(t *testing.T) {
	mux := http.NewServeMux()
	for pattern, h := range webui.New(built()) {
		mux.Handle(pattern, h)
	}
	srv := httptest.NewServer(mux)
	defer srv.Close()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for _, path := range []string{"/", "/ui", "/ui/", "/ui/favicon.svg", "/ui/assets/app-1a2b.js", "/ui/assets/none.js"} {
		var got [2]*http.Response
		for i, method := range []string{"GET", "HEAD"} {
			req, _ := http.NewRequest(method, srv.URL+path, nil)
			req.Header.Set("Accept-Encoding", "gzip")
			resp, err := client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(resp.Body)
			resp.Body.Close()
			if method == "GET" && int64(len(body)) != resp.ContentLength || method == "HEAD" && len(body) > 0 {
				t.Errorf("%s %s: %d bytes, Content-Length %d", method, path, len(body), resp.ContentLength)
			}
			own := []string{"Date", "Content-Security-Policy"} // the nonce
			if path == "/ui/" {
				if resp.ContentLength <= 0 {
					t.Errorf("%s %s: Content-Length %d", method, path, resp.ContentLength)
				}
				own = append(own, "Content-Length") // the page has the nonce too, and one compresses better than another
			}
			for _, name := range own {
				resp.Header.Del(name)
			}
			got[i] = resp
		}
		same := got[0].StatusCode == got[1].StatusCode && len(got[0].Header) == len(got[1].Header)
		for name, values := range got[0].Header {
			same = same && slices.Equal(values, got[1].Header[name])
		}
		if !same {
			t.Errorf("%s: %d %v, HEAD %d %v", path, got[0].StatusCode, got[0].Header, got[1].StatusCode, got[1].Header)
		}
	}
}

func TestFilesAreSentInPartsToThoseWhoAsk(t *testing.T) {
	get(t, "/ui/assets/app-1a2b.js", "Range: bytes=1-2").want(206).wantBody("la").wantHeader("Content-Range", "bytes 1-2/5")
	get(t, "/ui/assets/app-1a2b.js", "Range: bytes=1-2", "Accept-Encoding: gzip").want(206).wantBody("f ").
		wantHeader("Content-Encoding", "gzip").wantHeader("Content-Length", "2")
	get(t, "/ui/assets/app-1a2b.js", "Range: bytes=9-").want(416)
}

func TestOtherMethodsAreRefused(t *testing.T) {
	for _, method := range []string{"POST", "PUT", "DELETE", "OPTIONS"} {
		for _, path := range []string{"/", "/ui", "/ui/", "/ui/assets/app-1a2b.js"} {
			ask(t, built(), method, path).want(405).wantHeader("Allow", "GET, HEAD").
				wantBody("method " + method + " is not allowed here, use GET, HEAD")
		}
	}
}

func TestAProgramWithoutThePageSaysSo(t *testing.T) {
	for _, path := range []string{"/ui/", "/ui/jobs/x"} {
		a := ask(t, fstest.MapFS{".keep": {}}, "GET", path).want(200).wantHeader("Content-Type", "text/html; charset=utf-8").
			wantHeader("Cache-Control", "no-cache")
		for _, part := range []string{"make build", `href="../docs/"`, `href="../v1"`} {
			if !strings.Contains(a.body, part) {
				t.Errorf("%s: no %q in %s", path, part, a.body)
			}
		}
		nonce := regexp.MustCompile(`style nonce="([^"]+)"`).FindStringSubmatch(a.body)
		if nonce == nil || !strings.Contains(a.header.Get("Content-Security-Policy"), "'nonce-"+nonce[1]+"'") {
			t.Errorf("%s: the style has nonce %q", path, nonce)
		}
	}
	ask(t, fstest.MapFS{}, "GET", "/ui/jobs/x").wantBase("../")
}

func (a *answer) wantBase(href string) {
	a.t.Helper()
	if !strings.Contains(a.body, `<base href="`+href+`" />`) {
		a.t.Errorf("%s: no base %q in %s", a.asked, href, a.body)
	}
}

// The program holds each script and style once, packed.
func TestNothingIsBuiltInTwice(t *testing.T) {
	files := webui.Built()
	var size int64
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		size += info.Size()
		plain := strings.TrimSuffix(name, ".gz")
		if _, err := fs.Stat(files, plain); name != plain && err == nil {
			t.Errorf("%s is there packed and as it is", plain)
		}
		if strings.HasSuffix(plain, ".map") {
			t.Errorf("%s is of no use to operators", name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if size > 900_000 {
		t.Errorf("the page takes %d bytes; web/scripts/compress.ts keeps it below 900,000", size)
	}
}

func TestWhateverIsBuiltInIsServed(t *testing.T) {
	a := ask(t, webui.Built(), "GET", "/ui/jobs/x").want(200).wantHeader("Content-Type", "text/html; charset=utf-8")
	a.wantBase("../")
	if strings.Contains(a.body, "__CSP_NONCE__") {
		t.Errorf("no nonce was put into %s", a.body)
	}
}
