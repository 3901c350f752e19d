# R: .lm.fit, the bare least squares of base R, an event at a time. Alpha, beta, sigma, 21 AR, CAR.
# Rscript lmfit.R <folder> <out> <variant> <rows.npy of the events to do>
arguments <- commandArgs(trailingOnly = TRUE)
npy <- function(name, what, size) {
  path <- if (file.exists(name)) name else file.path(arguments[1], name)
  con <- file(path, "rb")
  on.exit(close(con))
  readBin(con, "raw", 8)
  header <- rawToChar(readBin(con, "raw", readBin(con, "integer", size = 2, signed = FALSE, endian = "little")))
  shape <- as.numeric(strsplit(gsub("[^0-9,]", "", sub(".*'shape': \\(([^)]*)\\).*", "\\1", header)), ",")[[1]])
  values <- readBin(con, what, prod(shape), size = size)
  if (length(shape) == 2) matrix(values, nrow = shape[2]) else values  # columns of the matrix are rows of the file
}
returns <- npy("returns.npy", "double", 8)
x <- cbind(1, npy("x.npy", "double", 8))
rows <- npy(arguments[4], "integer", 4) + 1
security <- npy("security.npy", "integer", 4)[rows] + 1
day <- npy("day.npy", "integer", 4)[rows] + 1
loop <- function(security, day) {
  car <- numeric(length(day)); beta <- numeric(length(day)); sigma <- numeric(length(day))
  for (i in seq_along(day)) {
    t <- day[i]
    span <- (t - 260):(t - 11)
    y <- returns[span, security[i]]
    design <- x[span, , drop = FALSE]
    if (anyNA(y)) { here <- !is.na(y); y <- y[here]; design <- design[here, , drop = FALSE] }
    fit <- .lm.fit(design, y)
    event <- (t - 10):(t + 10)
    ar <- returns[event, security[i]] - x[event, , drop = FALSE] %*% fit$coefficients
    sigma[i] <- sqrt(sum(fit$residuals^2) / (length(y) - ncol(design)))
    car[i] <- sum(ar); beta[i] <- fit$coefficients[2]
  }
  list(car = car, beta = beta)
}
few <- seq_len(min(64, length(day)))
first <- system.time(loop(security[few], day[few]))[["elapsed"]]
gc(reset = TRUE)
before <- sum(gc()[, 2])
start <- Sys.time()
found <- loop(security, day)
seconds <- as.numeric(difftime(Sys.time(), start, units = "secs"))
peak <- sum(gc()[, 6]) - before
con <- file(arguments[2], "wb")
writeBin(c(seconds, first, peak, found$car, found$beta), con)
close(con)
