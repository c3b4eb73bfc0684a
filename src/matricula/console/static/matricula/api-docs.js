// A session's unsafe requests need the CSRF token, which the login left in a cookie.
const csrf = () => (document.cookie.match(/csrftoken=([^;]+)/) || [])[1];
SwaggerUIBundle({
  url: "/api/openapi.json",
  dom_id: "#api",
  deepLinking: true,
  requestInterceptor: (request) => {
    if (csrf()) request.headers["X-CSRFToken"] = csrf();
    return request;
  },
});
