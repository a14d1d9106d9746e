package access

import (
	"dkron/internal/request"
)

// Scope is which jobs an endpoint shows or changes.
type Scope int

// The scopes.
const (
	All    Scope = iota // all jobs, or what does not belong to a job
	OfJob               // the job that the path names
	Some                // any: the endpoint shows only what the client may read, or the door decides about each job
	Nobody              // it needs no token
)

// Need is what an endpoint asks of a client.
type Need struct {
	Verb  request.Touch
	Scope Scope
}

// NeedOf returns what the endpoint with a pattern of http.ServeMux and a method asks of a client. One that is not in the table
// is for those who manage access only: a new endpoint is closed until somebody decides.
func NeedOf(method, pattern string) Need {
	if method == "HEAD" {
		method = "GET"
	}
	if n, ok := needs[method+" "+pattern]; ok {
		return n
	}
	return Need{request.Manage, All}
}

// needs is every endpoint.
var needs = map[string]Need{
	"GET /health":          {Scope: Nobody},
	"GET /ready":           {Scope: Nobody},
	"GET /v1/isleader":     {Scope: Nobody},
	"GET /v1/openapi.yaml": {Scope: Nobody},
	"GET /v1/openapi.json": {Scope: Nobody},
	"GET /docs/{$}":        {Scope: Nobody},
	"GET /docs/{file}":     {Scope: Nobody},

	"POST /v1/acl/bootstrap":            {Scope: Nobody},
	"GET /v1/acl/self":                  {request.Read, Some},
	"GET /v1/acl/session":               {request.Read, Some},
	"POST /v1/acl/session":              {Scope: Nobody}, // its body has the secret
	"DELETE /v1/acl/session":            {Scope: Nobody}, // who is not signed in may sign out
	"GET /v1/signin":                    {Scope: Nobody}, // as the next two: who is not signed in yet
	"GET /v1/signin/openid":             {Scope: Nobody},
	"GET /v1/signin/openid/callback":    {Scope: Nobody},
	"GET /v1/acl/sessions":              {request.Manage, All},
	"DELETE /v1/acl/sessions/{session}": {request.Manage, All},
	"GET /v1/acl/policies":              {request.Manage, All},
	"GET /v1/acl/policies/{name}":       {request.Manage, All},
	"POST /v1/acl/policies/{name}":      {request.Manage, All},
	"DELETE /v1/acl/policies/{name}":    {request.Manage, All},
	"GET /v1/acl/tokens":                {request.Manage, All},
	"POST /v1/acl/tokens":               {request.Manage, All},
	"GET /v1/acl/tokens/{accessor}":     {request.Manage, All},
	"DELETE /v1/acl/tokens/{accessor}":  {request.Manage, All},

	"GET /v1/audit": {request.Manage, All}, // it shows tokens, policies, and who was refused; a path rule may allow it to others

	"GET /v1":            {request.Read, Some},
	"GET /v1/{$}":        {request.Read, Some},
	"GET /v1/members":    {request.Read, Some},
	"GET /v1/cluster":    {request.Read, Some},
	"GET /v1/nodes":      {request.Read, Some},
	"GET /v1/leader":     {request.Read, Some},
	"GET /v1/pause":      {request.Read, Some},
	"GET /v1/settings":   {request.Read, Some},
	"GET /v1/processors": {request.Read, Some},
	"GET /v1/executors":  {request.Read, Some},
	"GET /v1/plugins":    {request.Read, Some},
	"POST /v1/preview":   {request.Read, All}, // its answer knows which other jobs exist

	"GET /v1/jobs":        {request.Read, Some},
	"GET /v1/busy":        {request.Read, Some},
	"GET /v1/executions":  {request.Read, Some},
	"GET /v1/launches":    {request.Read, Some},
	"GET /v1/events":      {request.Read, Some},
	"GET /v1/objectives":  {request.Read, Some},
	"GET /v1/due":         {request.Read, Some},
	"GET /v1/due/jobs":    {request.Read, Some},
	"GET /v1/due/minutes": {request.Read, Some},

	// Figures and lists of all jobs together.
	"GET /metrics":             {request.Read, All},
	"GET /v1/export":           {request.Read, All},
	"GET /v1/stats":            {request.Read, All},
	"GET /v1/stats/minutes":    {request.Read, All},
	"GET /v1/executions/nodes": {request.Read, All},
	"GET /v1/launches/jobs":    {request.Read, All},
	"GET /v1/suggestions":      {request.Read, All},
	"GET /v1/reruns":           {request.Read, All},
	"GET /v1/reruns/{number}":  {request.Read, All},

	"GET /v1/jobs/{job}":                             {request.Read, OfJob},
	"GET /v1/jobs/{job}/executions":                  {request.Read, OfJob},
	"GET /v1/jobs/{job}/executions/{id}":             {request.Read, OfJob},
	"GET /v1/jobs/{job}/executions/{id}/output":      {request.Read, OfJob},
	"GET /v1/jobs/{job}/versions":                    {request.Read, OfJob},
	"GET /v1/jobs/{job}/versions/{revision}":         {request.Read, OfJob},
	"GET /v1/jobs/{job}/preview":                     {request.Read, OfJob},
	"GET /v1/jobs/{job}/related":                     {request.Read, All}, // the jobs around it
	"GET /v1/jobs/{job}/stats":                       {request.Read, OfJob},
	"GET /v1/jobs/{job}/processors":                  {request.Read, OfJob},
	"GET /v1/jobs/{job}/launches":                    {request.Read, OfJob},
	"GET /v1/launches/{id}":                          {request.Read, OfJob},
	"POST /v1/jobs/{job}/stop":                       {request.Halt, OfJob},
	"POST /v1/jobs/{job}/executions/{id}/stop":       {request.Halt, OfJob},
	"POST /v1/launches/{id}/stop":                    {request.Halt, OfJob},
	"POST /v1/jobs/{job}":                            {request.Run, OfJob},
	"POST /v1/jobs/{job}/run":                        {request.Run, OfJob},
	"POST /v1/jobs/{job}/launches":                   {request.Run, OfJob}, // with a change the door asks for write
	"POST /v1/launches/{id}/rerun":                   {request.Run, OfJob},
	"POST /v1/checkins/{job}":                        {request.Run, OfJob},
	"POST /v1/jobs":                                  {request.Write, Some},
	"PATCH /v1/jobs":                                 {request.Write, Some},
	"PUT /v1/jobs/{job}":                             {request.Write, Some}, // by the owner and metadata that it will have, if it is new
	"DELETE /v1/jobs/{job}":                          {request.Write, OfJob},
	"POST /v1/jobs/{job}/toggle":                     {request.Write, OfJob},
	"DELETE /v1/jobs/{job}/executions":               {request.Write, OfJob},
	"POST /v1/jobs/{job}/versions/{revision}/revert": {request.Write, OfJob},

	// Many jobs at once, and their dry runs, which show them.
	"POST /v1/launches/stop":        {request.Halt, All},
	"POST /v1/launches/rerun":       {request.Run, All},
	"POST /v1/reruns/{number}/stop": {request.Halt, All},
	"POST /v1/restore":              {request.Write, All},

	// Rules are about all jobs. A channel's settings may hold an address that is a secret, and its preview shows a run.
	"GET /v1/channel-types":               {request.Read, Some},
	"GET /v1/rules":                       {request.Read, All},
	"GET /v1/rules/{rule}":                {request.Read, All},
	"GET /v1/silences":                    {request.Read, All},
	"GET /v1/silences/{number}":           {request.Read, All},
	"GET /v1/alerts":                      {request.Read, All},
	"GET /v1/messages":                    {request.Read, All},
	"GET /v1/messages/{number}":           {request.Read, All},
	"POST /v1/alerts/{number}/ack":        {request.Run, All},
	"POST /v1/messages/{number}/resend":   {request.Run, All},
	"POST /v1/channels/{channel}/test":    {request.Run, All},
	"POST /v1/silences":                   {request.Write, All},
	"DELETE /v1/silences/{number}":        {request.Write, All},
	"GET /v1/channels":                    {request.Admin, All},
	"GET /v1/channels/{channel}":          {request.Admin, All},
	"PUT /v1/channels/{channel}":          {request.Admin, All},
	"DELETE /v1/channels/{channel}":       {request.Admin, All},
	"POST /v1/channels/{channel}/preview": {request.Admin, All},
	"PUT /v1/rules/{rule}":                {request.Admin, All},
	"DELETE /v1/rules/{rule}":             {request.Admin, All},

	// Values never go out, but names and who uses them are about all jobs.
	"GET /v1/secrets":             {request.Admin, All},
	"GET /v1/secrets/{name}":      {request.Admin, All},
	"PUT /v1/secrets/{name}":      {request.Admin, All},
	"DELETE /v1/secrets/{name}":   {request.Admin, All},
	"GET /v1/secret-keys":         {request.Admin, All},
	"POST /v1/secret-keys/rotate": {request.Admin, All},

	"GET /debug/vars":  {request.Admin, All},
	"POST /v1/leave":   {request.Admin, All},
	"POST /v1/pause":   {request.Admin, All},
	"POST /v1/unpause": {request.Admin, All},
	"PUT /v1/settings": {request.Admin, All},
	"POST /v1/nodes/{node}/plugins/{kind}/{name}/restart": {request.Admin, All},
}
