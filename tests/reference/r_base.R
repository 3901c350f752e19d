# Numbers of base R on the bundled prices, written to r_base.json: run `Rscript r_base.R` in this folder.
# Nothing here comes from the package: the prices are read and joined by date, R's own functions do the statistics.

data <- "../../data/deepseek"
prices <- read.csv(file.path(data, "prices.csv"), colClasses = c(date = "character", ticker = "character"))
levels <- reshape(prices[, c("date", "ticker", "adj_close")], idvar = "date", timevar = "ticker", direction = "wide")
names(levels) <- sub("^adj_close\\.", "", names(levels))
levels <- levels[order(levels$date), ]
levels <- levels[!is.na(levels[["^GSPC"]]), ]  # the sessions of New York
dates <- levels$date[-1]
change <- function(x) x[-1] / x[-length(x)] - 1
returns <- as.data.frame(lapply(levels[-1], change), check.names = FALSE)
factors <- read.csv(file.path(data, "factors_daily.csv"), colClasses = c(date = "character"))
factors <- factors[match(dates, factors$date), ]

stocks <- c("AAPL", "ADI", "AMAT", "AMD", "AMZN", "ANET", "ASML", "AVGO", "CEG", "DELL", "GOOGL", "INTC", "KLAC", "LRCX",
            "MCHP", "META", "MRVL", "MSFT", "MU", "NRG", "NVDA", "NXPI", "ON", "ORCL", "QCOM", "SMCI", "TSLA", "TSM",
            "TXN", "VRT", "VST")
core <- c("NVDA", "AVGO", "AMD", "TSM", "ASML")
power <- c("CEG", "NRG", "VST", "VRT")

zero <- which(dates == "2025-01-27")
past <- (zero - 260):(zero - 11)
event <- (zero - 10):(zero + 10)
around <- (zero - 1):(zero + 1)
market <- returns[["^IXIC"]]

out <- list()
keep <- function(name, value) out[[name]] <<- as.numeric(value)

# Least squares, and predictions for new days with their limits -----------------------------------------------------
fits <- list()
for (name in stocks) {
  d <- data.frame(y = returns[[name]], x = market)
  fits[[name]] <- lm(y ~ x, data = d[past, ])
}
for (name in core) {
  fit <- fits[[name]]
  new <- data.frame(x = market[event])
  ahead <- predict(fit, new, se.fit = TRUE, interval = "prediction", level = 0.95)
  keep(paste(name, "coefficients"), coef(fit))
  keep(paste(name, "sigma"), sigma(fit))
  keep(paste(name, "df"), df.residual(fit))
  keep(paste(name, "r_squared"), summary(fit)$r.squared)
  keep(paste(name, "ar"), returns[[name]][event] - ahead$fit[, "fit"])
  keep(paste(name, "forecast se"), sqrt(ahead$se.fit^2 + ahead$residual.scale^2))
  keep(paste(name, "lower"), ahead$fit[, "lwr"])
  keep(paste(name, "upper"), ahead$fit[, "upr"])
  keep(paste(name, "cook"), max(cooks.distance(fit)))
  keep(paste(name, "largest_residual"), max(abs(rstudent(fit))))
  box <- Box.test(resid(fit), lag = 10, type = "Ljung-Box")
  keep(paste(name, "ljung_box"), c(box$statistic, box$p.value))
  s <- resid(fit)^2
  lagged <- embed(s, 6)
  arch <- summary(lm(lagged[, 1] ~ lagged[, -1]))
  keep(paste(name, "arch_lm"), nrow(lagged) * arch$r.squared)
  # Chow's test of forecasts, from the residual sums of squares with and without the days -1 to +1
  both <- lm(y ~ x, data = data.frame(y = returns[[name]], x = market)[c(past, around), ])
  f <- (deviance(both) - deviance(fit)) / 3 / (deviance(fit) / df.residual(fit))
  keep(paste(name, "volatility_f"), c(f, pf(f, 3, df.residual(fit), lower.tail = FALSE)))
  halves <- sapply(list(past[1:125], past[126:250]), function(rows) {
    deviance(lm(y ~ x, data = data.frame(y = returns[[name]], x = market)[rows, ]))
  })
  chow <- (deviance(fit) - sum(halves)) / 2 / (sum(halves) / 246)
  keep(paste(name, "split_window"), c(chow, pf(chow, 2, 246, lower.tail = FALSE)))
}

# Other models by lm --------------------------------------------------------------------------------------------------
y <- returns[["NVDA"]]
rf <- factors$rf
model <- function(name, formula, data) {
  fit <- lm(formula, data = data[past, , drop = FALSE])
  ahead <- predict(fit, data[zero, , drop = FALSE], se.fit = TRUE)
  keep(paste("model", name), c(coef(fit), sigma(fit), df.residual(fit), data$y[zero] - ahead$fit,
                               sqrt(ahead$se.fit^2 + sigma(fit)^2)))
}
with_factors <- data.frame(y = y - rf, x = market - rf, factors[, c("mkt_rf", "smb", "hml", "rmw", "cma", "mom")])
model("mean_adjusted", y ~ 1, data.frame(y = y))
model("capm", y ~ x, with_factors)
model("capm_strict", y ~ x - 1, with_factors)
model("ff3", y ~ mkt_rf + smb + hml, with_factors)
model("carhart", y ~ mkt_rf + smb + hml + mom, with_factors)
model("ff5", y ~ mkt_rf + smb + hml + rmw + cma, with_factors)
model("ff5_mom", y ~ mkt_rf + smb + hml + rmw + cma + mom, with_factors)
model("peer", y ~ x, data.frame(y = y, x = rowMeans(returns[, setdiff(core, "NVDA")])))
n <- length(past)
lead <- lm(y[past[2:(n - 1)]] ~ market[past[2:(n - 1)]] + market[past[1:(n - 2)]] + market[past[3:n]])
keep("model dimson", c(coef(lead)[1], sum(coef(lead)[-1]), sigma(lead), df.residual(lead)))
slope <- function(a, b) coef(lm(a ~ b))[2]
early <- past[-n]
late <- past[-1]
rho <- (slope(market[late], market[early]) + slope(market[early], market[late])) / 2
sw <- (slope(y[late], market[early]) + slope(y[past], market[past]) + slope(y[early], market[late])) / (1 + 2 * rho)
keep("model scholes_williams", c(mean(y[past]) - sw * mean(market[past]), sw))

# A group on one date ---------------------------------------------------------------------------------------------------
ar <- sapply(stocks, function(n) returns[[n]][event] - predict(fits[[n]], data.frame(x = market[event])))
rownames(ar) <- event - zero
car <- colSums(ar[as.character(-1:1), ])
day <- ar["0", ]
sar <- sapply(stocks, function(n) {
  ahead <- predict(fits[[n]], data.frame(x = market[zero]), se.fit = TRUE)
  day[[n]] / sqrt(ahead$se.fit^2 + sigma(fits[[n]])^2)
})
residuals <- sapply(fits[core], resid)
rho <- cor(residuals)
keep("rbar core", mean(rho[upper.tri(rho)]))
test <- function(name, found) keep(name, c(found$statistic, found$p.value))
test("cross_sectional_t", t.test(car))
test("bmp_t", t.test(sar))
test("bhar_t", {
  held <- sapply(stocks, function(n) {
    r <- returns[[n]][around]
    prod(1 + r) - prod(1 + r - ar[as.character(-1:1), n])
  })
  t.test(held)
})
test("wilcoxon", wilcox.test(car, exact = TRUE))
test("wilcoxon ten", wilcox.test(car[1:10], exact = TRUE))
keep("sign_z", c(sum(car > 0), binom.test(sum(car > 0), length(car))$p.value))
p <- 2 * pt(-abs(sar), df.residual(fits[[1]]))
keep("p", p)
keep("holm", p.adjust(p, "holm"))
keep("bh", p.adjust(p, "BH"))

# Regressions with a dummy for the day: the portfolio, the difference of two, and all securities together ---------------
rows <- c(past, zero)
dummy <- as.numeric(rows == zero)
x <- market[rows]
own <- as.matrix(returns[rows, core])
of_dummy <- function(y) summary(lm(y ~ x + dummy))$coefficients["dummy", c("t value", "Pr(>|t|)")]
keep("portfolio_t", of_dummy(rowMeans(own)))
keep("portfolio_difference_t", of_dummy(rowMeans(own) - rowMeans(returns[rows, power])))
multivariate <- summary(manova(own ~ x + dummy), test = "Hotelling-Lawley")$stats["dummy", ]
keep("hotelling", multivariate[c("approx F", "num Df", "den Df", "Pr(>F)")])

# Two groups ---------------------------------------------------------------------------------------------------------------
test("welch_t", t.test(car[core], car[power]))
test("scar_welch_t", t.test(sar[core], sar[power]))
test("rank_sum", wilcox.test(car[core], car[power], exact = TRUE))

# Ranks and tails ------------------------------------------------------------------------------------------------------------
u <- sapply(core, function(n) rank(c(resid(fits[[n]]), day[[n]])) - 252 / 2)
z <- mean(u[251, ]) / sqrt(mean(rowMeans(u)^2))
keep("corrado_rank_z", c(z, 2 * pnorm(-abs(z))))
keep("crude_dependence_t", local({
  t <- mean(day[core]) / sd(rowMeans(residuals))
  c(t, 2 * pt(-abs(t), 249))
}))

number <- function(x) paste0("[", paste(sprintf("%.17g", x), collapse = ", "), "]")
lines <- sprintf('  "%s": %s', names(out), sapply(out, number))
origin <- paste0(R.version.string, ", base packages alone: r_base.R on data/deepseek/prices.csv (adjusted closes) and ",
                 "factors_daily.csv, day zero 27 January 2025, benchmark ^IXIC.")
quoted <- function(x) paste0('["', paste(x, collapse = '", "'), '"]')
writeLines(c("{", sprintf(' "origin": "%s",', origin), sprintf(' "stocks": %s,', quoted(stocks)),
             sprintf(' "core": %s,', quoted(core)), sprintf(' "power": %s,', quoted(power)), ' "values": {',
             paste(lines, collapse = ",\n"), " }", "}"), "r_base.json")
