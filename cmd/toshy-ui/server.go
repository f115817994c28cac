package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"toshy/cmd/internal/control"
	"toshy/cmd/internal/explain"
	"toshy/cmd/internal/page"
	"toshy/config"
)

const (
	apiPath = "/api/"
	maxBody = 2 << 20 // bytes of a request: a configuration file as JSON
)

// A server serves the page.
type server struct {
	guard   *guard
	machine *machine
	app     string // to show first; "": the focused window's application
	// front is the focused window before a browser opened its window, for the first page; nil if not known.
	front atomic.Pointer[control.Window]
	stop  func()
	uid   int // the user who is served
	times times

	http http.Server

	mu      sync.Mutex
	pages   int         // open pages
	seen    int         // open pages that are not hidden
	end     *time.Timer // runs while no page is open
	resting bool        // see rest
	collect int         // GOGC before the rest
}

func newServer(host, path, app string) *server {
	s := &server{guard: newGuard(host), machine: newMachine(path), app: app, uid: os.Getuid(), times: usual}
	s.http = http.Server{
		Handler: s.inTime(s.guard.protect(s.routes())), MaxHeaderBytes: 16 << 10, ErrorLog: log.New(os.Stderr, "toshy: ", 0),
	}
	return s
}

// serve answers requests until ctx ends or the last page has closed.
func (s *server) serve(ctx context.Context, l net.Listener) error {
	s.mu.Lock()
	s.end = time.AfterFunc(s.times.first, s.stop)
	s.mu.Unlock()
	go s.machine.program(ctx) // while the browser starts
	s.http.ReadHeaderTimeout, s.http.IdleTimeout = s.times.request, s.times.first
	s.http.BaseContext = func(net.Listener) context.Context { return ctx }
	context.AfterFunc(ctx, func() { _ = s.http.Close() })
	own := &ownListener{Listener: l, uid: s.uid, refused: func(err error) { fmt.Fprintf(os.Stderr, "toshy: %s\n", oneLine(err)) }}
	if err := s.http.Serve(own); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// look counts a page as open until the returned function is called. seen says that it is not hidden.
func (s *server) look(seen bool) (left func()) {
	s.count(1, seen)
	return func() { s.count(-1, seen) }
}

// count adds n pages.
func (s *server) count(n int, seen bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pages += n
	if seen {
		s.seen += n
	}
	if s.pages == 0 {
		s.end = time.AfterFunc(s.times.last, s.stop)
		return
	}
	s.end.Stop()
	if s.seen > 0 {
		s.wake()
	} else {
		s.rest()
	}
}

// inTime ends a request whose body does not arrive in time.
func (s *server) inTime(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body != http.NoBody {
			_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(s.times.request)) // TCP connections have deadlines
		}
		next.ServeHTTP(w, r)
	})
}

func (s *server) routes() http.Handler {
	m := http.NewServeMux()
	m.Handle("GET /", http.FileServerFS(page.Files()))
	m.HandleFunc("POST "+openPath, s.open)
	m.HandleFunc("GET "+apiPath+"events", s.events)
	for name, call := range s.calls() {
		m.HandleFunc("POST "+apiPath+name, func(w http.ResponseWriter, r *http.Request) {
			var body json.RawMessage
			if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
				answer(w, http.StatusBadRequest, failure{Error: "the request is not JSON, or too long"})
				return
			}
			_ = http.NewResponseController(w).SetReadDeadline(time.Time{}) // the answer may take longer
			a, err := call(r.Context(), body)
			if err != nil {
				answer(w, http.StatusUnprocessableEntity, failed(err))
				return
			}
			answer(w, http.StatusOK, a)
		})
	}
	return m
}

// entered is the page after the token: its script stores the key and goes to the actual page.
const entered = `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="toshy-key" content="%s">
<title>toshy</title>
<script src="/enter.js"></script>
</html>
`

func (s *server) open(w http.ResponseWriter, r *http.Request) {
	c, key, ok := s.guard.enter(r.PostFormValue("token"))
	if !ok {
		http.Error(w, "This code is wrong, or it was used before. Start toshy ui again.", http.StatusForbidden)
		return
	}
	http.SetCookie(w, c)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(w, entered, key)
}

// A failure is an error, for the page.
type failure struct {
	Error    string           `json:"error"`
	Hint     string           `json:"hint,omitempty"`
	Problems []config.Problem `json:"problems,omitempty"` // of a configuration
}

func failed(err error) failure {
	f := failure{Error: err.Error(), Problems: config.Problems(err)}
	var refused *control.Refusal
	var mistake *explain.Mistake
	switch {
	case len(f.Problems) > 0:
		f.Error = "the configuration has mistakes"
	case errors.As(err, &refused):
		f.Hint = refused.Answer.Hint
	case errors.As(err, &mistake):
		f.Hint = mistake.Hint
	case errors.Is(err, control.ErrNoDaemon):
		f.Error, f.Hint = "toshy is not running", startHint
	}
	return f
}

const startHint = "systemctl --user start toshy, or toshy-agent if the system's daemon runs"

func answer(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value) // an error means that the browser has gone
}
